/* SPDX-License-Identifier: MIT */
#include "analysis/show/chart_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/show/chart_data.h"
#include "analysis/show/chart_script.h"
#include "analysis/show/gnuplot.h"

#define FILE_NAME (CHART_NAME + 16)

static const char *const suffixes[] = {"csv", "gp", "svg", "png"};

#define SUFFIXES (sizeof(suffixes) / sizeof(*suffixes))

static const char *file_name(const struct chart *chart, const char *suffix, char name[FILE_NAME])
{
	snprintf(name, FILE_NAME, "%s.%s", chart->name, suffix);
	return name;
}

static int put_file(const struct chart *chart, const struct folder *stage, const char *suffix,
                    void (*put)(FILE *out, const struct chart *chart), struct err *e)
{
	char name[FILE_NAME];
	int fd = folder_file(stage, file_name(chart, suffix, name), O_WRONLY | O_CREAT | O_EXCL, e);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	int rc = 0;

	if (fd < 0)
		return fd;
	if (!out) {
		rc = err_errno(e, "cannot write %s/%s", stage->path, name);
		close(fd);
		return rc;
	}
	put(out, chart);
	if (ferror(out))
		rc = err_errno(e, "cannot write %s/%s", stage->path, name);
	if (fclose(out) && !rc)
		rc = err_errno(e, "cannot write %s/%s", stage->path, name);
	return rc;
}

/* Whether the script of the picture in `folder` is one of ours. */
static bool is_ours(const struct chart *chart, const struct folder *folder)
{
	char name[FILE_NAME], line[CHART_NAME + 32] = "", mark[CHART_NAME + 32];
	int fd = folder_file(folder, file_name(chart, "gp", name), O_RDONLY, NULL);
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");

	if (!in) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	snprintf(mark, sizeof(mark), CHART_SCRIPT_MARK "\n", chart->name);
	if (!fgets(line, sizeof(line), in))
		line[0] = '\0';
	fclose(in);
	return !strcmp(line, mark);
}

/* A picture is replaced by a newer one, and nothing else is: neither other files nor devices. */
static int check_free(const struct chart *chart, const struct folder *folder, struct err *e)
{
	bool ours = is_ours(chart, folder);
	char name[FILE_NAME];
	struct stat st;

	for (size_t i = 0; i < SUFFIXES; i++) {
		file_name(chart, suffixes[i], name);
		if (fstatat(folder->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    !(ours && S_ISREG(st.st_mode)))
			return err_set(e, EEXIST,
			               "%s/%s exists already, and is no picture of sevbench: name "
			               "another place with --out, or move it away",
			               folder->path, name);
	}
	return 0;
}

static int draw(const struct chart *chart, const struct folder *stage, struct err *e)
{
	char script[FILE_NAME];
	int rc = put_file(chart, stage, "csv", chart_data, e);

	if (!rc)
		rc = put_file(chart, stage, "gp", chart_script, e);
	return rc ? rc : gnuplot_run(stage, file_name(chart, "gp", script), e);
}

static void clear(const struct chart *chart, const struct folder *stage)
{
	char name[FILE_NAME];

	for (size_t i = 0; i < SUFFIXES; i++)
		unlinkat(stage->fd, file_name(chart, suffixes[i], name), 0);
}

/* The whole picture to where it belongs, or nothing of it. */
static int settle(const struct chart *chart, const struct folder *stage,
                  const struct folder *folder, struct err *e)
{
	char name[FILE_NAME];
	int rc = 0;

	for (size_t i = 0; i < SUFFIXES && !rc; i++) {
		file_name(chart, suffixes[i], name);
		if (renameat(stage->fd, name, folder->fd, name))
			rc = err_errno(e, "cannot rename %s/%s to %s/%s", stage->path, name,
			               folder->path, name);
	}
	return rc;
}

/* A directory that nobody else has put anything in: gnuplot writes what its script names. */
static int make_stage(const struct chart *chart, const struct folder *folder, struct folder *stage,
                      struct err *e)
{
	char name[FILE_NAME];
	int rc = folder_make(folder, file_name(chart, "partial", name), stage, e);

	if (!rc && !stage->made) { /* left from a drawing that did not end */
		clear(chart, stage);
		folder_close(stage, false);
		unlinkat(folder->fd, name, AT_REMOVEDIR);
		rc = folder_make(folder, name, stage, e);
		if (!rc && !stage->made) {
			rc = err_set(e, EEXIST,
			             "%s holds what is none of sevbench: move it away, or name "
			             "another place with --out",
			             stage->path);
			folder_close(stage, false);
		}
	}
	return rc;
}

/* What an older picture looked like stays until the newer one is whole. */
int chart_write(const struct chart *chart, const struct folder *folder, struct err *e)
{
	struct folder stage;
	int rc;

	if (chart->no_memory)
		return err_set(e, ENOMEM, "no memory to draw %s", chart->name);
	rc = check_free(chart, folder, e);
	if (!rc)
		rc = make_stage(chart, folder, &stage, e);
	if (rc)
		return rc;
	rc = draw(chart, &stage, e);
	if (!rc)
		rc = settle(chart, &stage, folder, e);
	clear(chart, &stage);
	unlinkat(folder->fd, strrchr(stage.path, '/') + 1, AT_REMOVEDIR);
	folder_close(&stage, false);
	return rc;
}
