/* SPDX-License-Identifier: MIT */
#include "bench/run/run_native.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run/job.h"
#include "bench/run/native.h"
#include "bench/run/run_cell.h"

static int take_output(void *context, const void *bytes, size_t length, struct err *e)
{
	return run_cell_output(context, bytes, length, e);
}

/* The words of `argv`, which stay its own, behind those that start a program by its linker. */
static char **behind_linker(char *linker, char **argv, char libraries[PATH_MAX], struct err *e)
{
	static char option[] = "--library-path";
	size_t count = 0;
	char **words;

	while (argv[count])
		count++;
	words = calloc(count + 4, sizeof(*words));
	if (!words) {
		err_set(e, ENOMEM, "no memory for a command line");
		return NULL;
	}
	snprintf(libraries, PATH_MAX, "%.*s", (int)(strrchr(linker, '/') - linker), linker);
	words[0] = linker;
	words[1] = option;
	words[2] = libraries;
	memcpy(words + 3, argv, count * sizeof(*words));
	return words;
}

static int start(struct run *run, char **argv, struct run_cell *c, enum vm_job_end *how, int *code,
                 struct err *e)
{
	char libraries[PATH_MAX];
	char **words = run->linker ? behind_linker(run->linker, argv, libraries, e) : argv;
	int rc = -ENOMEM;

	if (words)
		rc = native_run(words, run->options->cell_seconds, run->native_log, run->stop,
		                take_output, c, how, code, e);
	if (words != argv)
		free(words);
	return rc;
}

static int measure(struct run_launch *launch, const struct suite_cell *cell, struct err *e)
{
	struct run *run = launch->run;
	enum vm_job_end how = VM_JOB_CUT;
	struct run_cell c;
	int code = 0, rc, ended;
	char **argv = job_argv(cell, &launch->origin, launch->seed, run->programs,
	                       run->options->vm.cpus, e);

	if (!argv)
		return -ENOMEM;
	rc = run_cell_begin(&c, launch, cell, e);
	if (!rc)
		rc = start(run, argv, &c, &how, &code, e);
	job_free(argv);
	ended = rc ? rc : run_cell_end(&c, how, code, e);
	collect_stream_free(&c.stream);
	return ended;
}

int run_native(struct run_launch *launch, struct err *e)
{
	struct run *run = launch->run;
	int rc = 0;

	/* As of every other guest: which Linux it runs is looked up by launch. */
	if (launch->target != PLATFORM_NATIVE)
		json_object_set(launch->json, "environment",
		                json_object_get(run->manifest, "environment"));
	for (size_t i = 0; !rc && i < run->pending; i++)
		rc = measure(launch, &run->suite.cells[run->order[i]], e);
	return rc;
}
