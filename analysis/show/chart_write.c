/* SPDX-License-Identifier: MIT */
#include "analysis/show/chart_write.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/read/csv_out.h"
#include "analysis/show/chart_script.h"
#include "analysis/show/gnuplot.h"
#include "harness/result.h"

/* The data, one row a point, series after series: the script counts on that order. */
static void put_data(FILE *out, const struct chart *chart)
{
	fputs("panel,series,category,x,y,low,high\n", out);
	for (size_t p = 0; p < chart->panel_count; p++) {
		const struct chart_panel *panel = &chart->panels[p];

		for (size_t s = 0; s < panel->count; s++) {
			for (size_t i = 0; i < panel->series[s].count; i++) {
				const struct chart_point *point = &panel->series[s].points[i];
				size_t category = (size_t)point->x;

				result_put_text(out, panel->title);
				putc(',', out);
				result_put_text(out, panel->series[s].name);
				putc(',', out);
				if (category < chart->category_count)
					result_put_text(out, chart->categories[category]);
				putc(',', out);
				csv_out_number(out, point->x);
				putc(',', out);
				csv_out_number(out, point->y);
				putc(',', out);
				csv_out_number(out, point->low);
				putc(',', out);
				csv_out_number(out, point->high);
				putc('\n', out);
			}
		}
	}
}

static int put_file(const struct chart *chart, const char *directory, const char *suffix,
                    void (*put)(FILE *out, const struct chart *chart), struct err *e)
{
	char *path;
	FILE *out;
	int rc = 0;

	if (asprintf(&path, "%s/%s.%s", directory, chart->name, suffix) < 0)
		return err_set(e, ENOMEM, "no memory to draw %s", chart->name);
	out = fopen(path, "we");
	if (out) {
		put(out, chart);
		if (ferror(out))
			rc = err_errno(e, "cannot write %s", path);
		if (fclose(out) && !rc)
			rc = err_errno(e, "cannot write %s", path);
	} else {
		rc = err_errno(e, "cannot create %s", path);
	}
	free(path);
	return rc;
}

/* Whether the script of the picture in `directory` is one of ours. */
static bool is_ours(const struct chart *chart, const char *directory)
{
	char path[PATH_MAX], line[CHART_NAME + 32] = "", mark[CHART_NAME + 32];
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s.gp", directory, chart->name);
	snprintf(mark, sizeof(mark), CHART_SCRIPT_MARK "\n", chart->name);
	in = fopen(path, "re");
	if (!in)
		return false;
	if (!fgets(line, sizeof(line), in))
		line[0] = '\0';
	fclose(in);
	return !strcmp(line, mark);
}

static const char *const suffixes[] = {"csv", "gp", "svg", "png"};

#define SUFFIXES (sizeof(suffixes) / sizeof(*suffixes))

/* A picture is replaced by a newer one, and nothing else is: neither other files nor devices. */
static int check_free(const struct chart *chart, const char *directory, struct err *e)
{
	bool ours = is_ours(chart, directory);
	char path[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < SUFFIXES; i++) {
		snprintf(path, sizeof(path), "%s/%s.%s", directory, chart->name, suffixes[i]);
		if (lstat(path, &st) == 0 && !(ours && S_ISREG(st.st_mode)))
			return err_set(e, EEXIST,
			               "%s exists already, and is no picture of sevbench: name "
			               "another place with --out, or move it away",
			               path);
	}
	return 0;
}

static int draw(const struct chart *chart, const char *stage, struct err *e)
{
	char script[CHART_NAME + 8];
	int rc = put_file(chart, stage, "csv", put_data, e);

	if (!rc)
		rc = put_file(chart, stage, "gp", chart_script, e);
	snprintf(script, sizeof(script), "%s.gp", chart->name);
	return rc ? rc : gnuplot_run(stage, script, e);
}

/* The whole picture to where it belongs, or nothing of it. */
static int settle(const struct chart *chart, const char *stage, const char *directory, int rc,
                  struct err *e)
{
	char from[PATH_MAX + CHART_NAME + 8], to[PATH_MAX + CHART_NAME + 8];

	for (size_t i = 0; i < SUFFIXES; i++) {
		snprintf(from, sizeof(from), "%s/%s.%s", stage, chart->name, suffixes[i]);
		snprintf(to, sizeof(to), "%s/%s.%s", directory, chart->name, suffixes[i]);
		if (!rc && rename(from, to))
			rc = err_errno(e, "cannot rename %s to %s", from, to);
		if (rc)
			unlink(from);
	}
	rmdir(stage);
	return rc;
}

/* What an older picture looked like stays until the newer one is whole. */
int chart_write(const struct chart *chart, const char *directory, struct err *e)
{
	char stage[PATH_MAX];
	int rc;

	if (chart->no_memory)
		return err_set(e, ENOMEM, "no memory to draw %s", chart->name);
	rc = check_free(chart, directory, e);
	if (rc)
		return rc;
	snprintf(stage, sizeof(stage), "%s/%s.partial", directory, chart->name);
	if (mkdir(stage, 0777) && errno != EEXIST)
		return err_errno(e, "cannot make the directory %s", stage);
	return settle(chart, stage, directory, draw(chart, stage, e), e);
}
