/* SPDX-License-Identifier: MIT */
#include "bench/run/run_directory.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/run/manifest.h"
#include "bench/run/run_design.h"
#include "harness/folder.h"

/* "vm1-snp-quick": results of several machines end up side by side. */
static const char *name_here(const struct run *run, const char *suite, char what[256])
{
	char host[HOST_NAME_MAX + 1] = "";
	unsigned target = 0;

	if (gethostname(host, sizeof(host) - 1) || !isalnum((unsigned char)*host))
		host[0] = '\0'; /* "(none)" is none */
	for (char *c = host; *c; c++)
		*c = isalnum((unsigned char)*c) ? *c : '-';
	while (!run->targets[target].here)
		target++;
	snprintf(what, 256, "%s%s%s-%s", host, *host ? "-" : "", target_name(target), suite);
	return what;
}

static int name_directory(struct run *run, struct err *e)
{
	const char *slash = strrchr(run->suite.name, '/');
	const char *suite = slash ? slash + 1 : run->suite.name;
	char what[256];

	if (!run->options->out)
		return manifest_name(run->options->here ? name_here(run, suite, what) : suite,
		                     &run->directory, e);
	run->directory = strdup(run->options->out);
	return run->directory ? 0 : err_set(e, ENOMEM, "no memory for the result directory's name");
}

/* The names that follow from the directory's. */
static int name_parts(struct run *run, struct err *e)
{
	const char *slash;
	char *logs = NULL;

	for (size_t n = strlen(run->directory); n > 1 && run->directory[n - 1] == '/'; n--)
		run->directory[n - 1] = '\0';
	slash = strrchr(run->directory, '/');
	run->name = strdup(slash ? slash + 1 : run->directory);
	if (!run->name || asprintf(&logs, "%s/logs", run->directory) < 0)
		return err_set(e, ENOMEM, "no memory for the result directory's name");
	run->logs = logs;
	return 0;
}

static int open_log(struct run *run, const struct folder *in, struct err *e)
{
	struct folder logs;
	int rc = folder_make(in, "logs", &logs, e);

	if (rc)
		return rc;
	run->native_log = folder_file(&logs, "native.log", O_WRONLY | O_CREAT | O_APPEND, e);
	if (run->native_log < 0)
		rc = run->native_log;
	folder_close(&logs, rc);
	return rc ? rc : manifest_reserve(run->directory, e);
}

static int fill_directory(struct run *run, struct err *e)
{
	char path[PATH_MAX];
	struct folder folder;
	int rc = folder_open(run->directory, &folder, e);

	if (rc)
		return rc;
	rc = open_log(run, &folder, e);
	if (!rc)
		rc = journal_create(&run->journal, &folder, run->suite.count, run_design_most(run),
		                    e);
	folder_close(&folder, false);
	snprintf(path, sizeof(path), "%s/samples.csv", run->directory);
	return rc ? rc : collect_open(&run->collect, path, e);
}

int run_directory_make(struct run *run, struct err *e)
{
	int rc = name_directory(run, e);

	if (!rc)
		rc = name_parts(run, e);
	if (rc)
		return rc;
	if (mkdir(run->directory, 0755)) {
		if (errno == EEXIST)
			return err_set(e, EEXIST,
			               "%s exists already, and results are never overwritten: "
			               "choose another --out",
			               run->directory);
		return err_errno(e, "cannot create the result directory %s", run->directory);
	}
	rc = fill_directory(run, e);
	if (rc)
		folder_remove(run->directory);
	return rc;
}

static int resume_in(struct run *run, const struct folder *in, struct err *e)
{
	int rc = journal_resume(&run->journal, in, run->suite.count, run_design_most(run), e);

	if (rc) /* where it still runs, nothing of it may be touched */
		return rc;
	run->failed =
	        run->journal.failed + json_array_size(json_object_get(run->manifest, "failures"));
	rc = collect_resume(&run->collect, in, "samples.csv", run->journal.end, e);
	manifest_release(run->directory);
	if (!rc)
		rc = open_log(run, in, e);
	if (rc)
		journal_close(&run->journal, false);
	return rc;
}

int run_directory_resume(struct run *run, struct err *e)
{
	struct folder folder;
	int rc = name_directory(run, e);

	if (!rc)
		rc = name_parts(run, e);
	if (!rc)
		rc = folder_check_own(run->logs, e);
	if (!rc)
		rc = folder_open(run->directory, &folder, e);
	if (rc)
		return rc;
	rc = resume_in(run, &folder, e);
	folder_close(&folder, false);
	return rc;
}
