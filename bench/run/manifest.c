/* SPDX-License-Identifier: MIT */
#include "bench/run/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/counters.h"
#include "harness/environment.h"
#include "harness/result.h"
#include "harness/utf8.h"

#define RESERVE_BYTES (1L << 20) /* a manifest of a long run is a few hundred kilobytes */

static void path_in(char path[PATH_MAX], const char *directory, const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s", directory, name);
}

int manifest_reserve(const char *directory, struct err *e)
{
	char path[PATH_MAX];
	int fd, rc = 0;

	path_in(path, directory, ".reserve");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(e, "cannot create %s", path);
	errno = posix_fallocate(fd, 0, RESERVE_BYTES);
	if (errno)
		rc = err_errno(e, "cannot keep %ld bytes free under %s", RESERVE_BYTES, directory);
	close(fd);
	if (rc)
		unlink(path);
	return rc;
}

void manifest_release(const char *directory)
{
	char path[PATH_MAX];

	path_in(path, directory, ".reserve");
	unlink(path);
}

static int replace(const char *directory, const char *text, struct err *e)
{
	struct result_file file;
	struct folder folder;
	int rc = folder_open(directory, &folder, e);

	if (rc)
		return err_wrap(e, rc, "cannot write %s/manifest.json", directory);
	rc = result_file_replace_in(&folder, "manifest.json", &file, e);
	if (!rc) {
		fputs(text, file.out);
		putc('\n', file.out);
		rc = result_file_end(&file, 0, e);
	}
	folder_close(&folder, false);
	return rc;
}

int manifest_write(const char *directory, const json_t *manifest, struct err *e)
{
	char *text = json_dumps(manifest, JSON_INDENT(2));
	int rc;

	if (!text)
		return err_set(e, ENOMEM, "no memory for the text of %s/manifest.json", directory);
	rc = replace(directory, text, e);
	free(text);
	return rc;
}

json_t *manifest_command(int argc, char *const *argv)
{
	json_t *words = json_array();

	for (int i = 0; i < argc; i++)
		json_array_append_new(words, utf8_json(argv[i]));
	return words;
}

int manifest_environment(json_t **environment, struct err *e)
{
	struct clock_instant first = clock_now();
	struct clock clock;
	int rc = clock_init(&clock, &first, e);

	if (rc)
		return rc;
	counters_open();
	*environment = environment_describe(&cpu_here, "", &clock, e);
	counters_close();
	return *environment ? 0 : -EIO;
}

int manifest_name(const char *what, char **directory, struct err *e)
{
	char stamp[32];
	time_t t = time(NULL);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm);
	if (asprintf(directory, "results/%s-%.*s", stamp, (int)strcspn(what, "."), what) < 0) {
		*directory = NULL;
		return err_set(e, ENOMEM, "no memory for the result directory's name");
	}
	if (mkdir("results", 0755) && errno != EEXIST)
		return err_errno(e, "cannot create the directory results");
	return 0;
}

void manifest_time(char text[32])
{
	time_t t = time(NULL);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}
