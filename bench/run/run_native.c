/* SPDX-License-Identifier: MIT */
#include "bench/run/run_native.h"

#include <errno.h>

#include "bench/run/job.h"
#include "bench/run/native.h"
#include "bench/run/run_cell.h"

static int take_output(void *context, const void *bytes, size_t length, struct err *e)
{
	return run_cell_output(context, bytes, length, e);
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
	run_cell_begin(&c, launch, cell);
	rc = native_run(argv, run->options->cell_seconds, run->native_log, run->stop, take_output,
	                &c, &how, &code, e);
	job_free(argv);
	ended = rc ? rc : run_cell_end(&c, how, code, e);
	collect_stream_free(&c.stream);
	return ended;
}

int run_native(struct run_launch *launch, struct err *e)
{
	struct run *run = launch->run;
	int rc = 0;

	for (size_t i = 0; !rc && i < run->pending; i++)
		rc = measure(launch, &run->suite.cells[run->order[i]], e);
	return rc;
}
