/* SPDX-License-Identifier: MIT */
#include "bench/run/run_guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run/job.h"
#include "bench/run/run_cell.h"
#include "harness/environment.h"
#include "kernels/registry.h"

/* Job 0 describes the guest; job i measures the cell of run->order[i - 1]. */
struct guest {
	struct run_launch *launch;
	struct run_cell cell;
	char *environment; /* owned: what job 0 printed */
	size_t length;
	struct counts_marks marks;
	size_t ended;  /* cells that came to an end */
	struct err *e; /* the first failure that ends the run */
};

static const struct suite_cell *cell_of(const struct guest *g, size_t job)
{
	const struct run *run = g->launch->run;

	return &run->suite.cells[run->order[job - 1]];
}

static int on_start(void *context, size_t job)
{
	struct guest *g = context;

	return job ? run_cell_begin(&g->cell, g->launch, cell_of(g, job), g->e) : 0;
}

static int on_output(void *context, size_t job, const void *bytes, size_t length)
{
	struct guest *g = context;
	char *more;

	if (job)
		return run_cell_output(&g->cell, bytes, length, g->e);
	more = realloc(g->environment, g->length + length + 1);
	if (!more)
		return err_set(g->e, ENOMEM, "no memory for the guest's description");
	memcpy(more + g->length, bytes, length);
	g->environment = more;
	g->length += length;
	return 0;
}

static int on_error(void *context, size_t job, const void *bytes, size_t length)
{
	struct guest *g = context;

	if (job)
		run_cell_error(&g->cell, bytes, length);
	return 0;
}

/* The cell's rows come after its marks: they will say what was counted of it. */
static int on_mark(void *context, size_t job, const char *line, const struct counts *counts)
{
	struct guest *g = context;
	struct counts_cell cell;

	if (!job || !counts_mark(&g->marks, line, counts, &cell))
		return 0;
	return run_cell_counts(&g->cell, &cell, g->e);
}

json_t *run_guest_environment(const char *text, size_t length, enum vm_job_end how,
                              struct err *fault)
{
	json_error_t why;
	json_t *json = json_loadb(text ? text : "", length, JSON_REJECT_DUPLICATES, &why);
	int rc = 0;

	*fault = (struct err){""};
	if (!json)
		rc = err_set(fault, EPROTO, "the guest could not describe its environment");
	else if ((rc = environment_check(json, fault)) != 0)
		err_wrap(fault, rc,
		         "the guest describes its environment as no bench-<kernel> does");
	if (rc) {
		json_decref(json);
		json = NULL;
	}
	if (how == VM_JOB_NEVER_RAN || how == VM_JOB_CUT)
		*fault = (struct err){""};
	return json;
}

static void keep_environment(struct guest *g, enum vm_job_end how)
{
	struct err fault;
	json_t *json = run_guest_environment(g->environment, g->length, how, &fault);

	if (*fault.text && !*g->launch->run->stop)
		run_fail(g->launch, fault.text);
	if (json)
		json_object_set_new(g->launch->json, "environment", json);
}

static int on_end(void *context, size_t job, enum vm_job_end how, int code)
{
	struct guest *g = context;

	if (!job) {
		keep_environment(g, how);
		return 0;
	}
	if (how == VM_JOB_NEVER_RAN || !g->cell.under_way)
		return 0; /* said in one go when the launch is over */
	if (how == VM_JOB_CUT && *g->launch->run->stop)
		return 0; /* by the user: it is measured when the run goes on */
	g->ended++;
	return run_cell_end(&g->cell, how, code, g->e);
}

/* The programs that the suite's cells need, each once. */
static size_t programs(const struct run *run, const char **paths, struct err *e)
{
	size_t kernels, count = 0;
	const struct kernel *const *all = registry_kernels(&kernels);

	for (size_t k = 0; k < kernels; k++) {
		char *path;

		for (size_t i = 0; i < run->suite.count; i++) {
			if (run->suite.cells[i].cell.kernel != all[k])
				continue;
			if (asprintf(&path, "%s/bench-%s", run->programs, all[k]->name) < 0) {
				err_set(e, ENOMEM, "no memory");
				return 0;
			}
			paths[count++] = path;
			break;
		}
	}
	return count;
}

static int make_jobs(const struct run_launch *launch, struct vm_job *jobs, struct err *e)
{
	const struct run *run = launch->run;

	jobs[0].argv = job_environment_argv(run->suite.cells[0].cell.kernel, "/bin", e);
	jobs[0].output_max = RUN_GUEST_DESCRIPTION_MAX;
	for (size_t i = 0; i < run->pending; i++) {
		const struct suite_cell *cell = &run->suite.cells[run->order[i]];

		jobs[i + 1].argv = job_argv(cell, &launch->origin, launch->seed, "/bin", NULL, e);
		jobs[i + 1].output_max = answer_bytes_max(&cell->plan);
	}
	for (size_t i = 0; i <= run->pending; i++) {
		if (!jobs[i].argv)
			return -ENOMEM;
		jobs[i].seconds = run->options->cell_seconds;
		jobs[i].error_max = RUN_GUEST_ERROR_MAX;
	}
	return 0;
}

/* Every cell that has no row yet gets one. The events came in the order of the jobs. */
static int account_for_rest(struct guest *g, const char *why, struct err *e)
{
	struct run *run = g->launch->run;
	char reason[1200];
	int rc = 0;

	snprintf(reason, sizeof(reason), "the guest ended before this cell: %s", why);
	for (size_t i = g->ended; !rc && i < run->pending; i++) {
		const struct suite_cell *cell = &run->suite.cells[run->order[i]];

		rc = collect_unrun(&run->collect, &g->launch->origin, &cell->cell, CELL_FAILED,
		                   reason, e);
		if (!rc)
			rc = run_cell_account(g->launch, cell, true, e);
	}
	progress_launch_done(&run->progress, run->pending - g->ended);
	return rc;
}

/* Rows must not stand under host pages that the guest did not have. */
static void check_pages(struct run_launch *launch, const json_t *report)
{
	const json_t *memory = json_object_get(report, "memory");
	const char *why = json_string_value(json_object_get(memory, "not_as_asked"));

	if (why)
		run_fail(launch, why);
}

static int launch_guest(struct guest *g, const struct vm_payload *payload,
                        const struct vm_job *jobs, struct err *e)
{
	struct run *run = g->launch->run;
	struct vm_events events = {.start = on_start,
	                           .output = on_output,
	                           .error = on_error,
	                           .end = on_end,
	                           .mark = on_mark,
	                           .context = g};
	struct vm_spec spec = run_target_spec(&run->vm, g->launch->target);
	struct vm_report report = {0};
	struct err why = {""}, broken = {""};
	char name[64];
	int rc;

	g->e = &broken;
	snprintf(name, sizeof(name), "%s-%u", target_name(g->launch->target),
	         g->launch->origin.round);
	rc = vm_run(&spec, payload, jobs, run->pending + 1, &events, run->logs, name, &report,
	            &why);
	if (report.json)
		json_object_set(g->launch->json, "guest", report.json);
	if (report.json)
		check_pages(g->launch, report.json);
	run->timed_out |= report.timed_out;
	vm_report_free(&report);
	if (*broken.text) { /* an event failed: nothing more can be written down */
		*e = broken;
		return -EIO;
	}
	/* What it left out is measured when the run goes on: it has no rows yet, and did not fail.
	 */
	if (rc && *run->stop)
		return err_set(e, EINTR, "interrupted");
	if (rc)
		run_fail(g->launch, why.text);
	if (rc || g->ended < run->pending) {
		int lost;

		if (g->cell.under_way) {
			lost = run_cell_end(&g->cell, VM_JOB_CUT, 0, e);
			g->ended++;
			if (lost)
				return lost;
		}
		lost = account_for_rest(g, rc ? why.text : "it left jobs out", e);
		if (lost)
			return lost;
	}
	return 0;
}

/*
 * What asks the security processor for reports, and the cipher of its messages, which it does not
 * name before Linux 6.13. Nothing in other guests has the device.
 */
static const char *const attestation[] = {"ghash-generic", "gcm", "sev-guest", NULL};

int run_guest(struct run_launch *launch, struct err *e)
{
	struct run *run = launch->run;
	struct guest g = {.launch = launch};
	struct vm_job *jobs = calloc(run->pending + 1, sizeof(*jobs));
	const char **paths;
	size_t kernels;
	int rc;

	registry_kernels(&kernels);
	paths = calloc(kernels, sizeof(*paths));
	struct vm_payload payload = {.programs = paths, .prove = !run->options->no_prove};

	if (sev_traits(target_platform(launch->target))->page_state_change)
		payload.optional = attestation;

	if (!jobs || !paths) {
		rc = err_set(e, ENOMEM, "no memory for %zu jobs", run->pending);
	} else {
		payload.program_count = programs(run, paths, e);
		rc = payload.program_count ? make_jobs(launch, jobs, e) : -ENOMEM;
	}
	if (!rc)
		rc = launch_guest(&g, &payload, jobs, e);
	for (size_t i = 0; jobs && i <= run->pending; i++)
		job_free((char **)jobs[i].argv);
	for (size_t i = 0; paths && i < kernels; i++)
		free((char *)paths[i]);
	free(paths);
	free(jobs);
	free(g.environment);
	collect_stream_free(&g.cell.stream);
	return rc;
}
