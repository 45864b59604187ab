/* SPDX-License-Identifier: MIT */
#include "bench/run/run_cell.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/run/run_watch.h"

int run_cell_begin(struct run_cell *c, struct run_launch *launch, const struct suite_cell *cell,
                   struct err *e)
{
	int rc;

	memset(c, 0, sizeof(*c));
	c->launch = launch;
	c->cell = cell;
	rc = collect_begin(&c->stream, &launch->origin, &cell->cell, &cell->plan, e);
	if (rc)
		return rc;
	c->under_way = true;
	progress_cell(&launch->run->progress, c->stream.name);
	run_watch_cell(launch, &c->before);
	return 0;
}

/* What is wrong with what it sent is a failure of this cell alone, and said when its command has
 * ended. */
static int judge(struct run_cell *c, int rc, const struct err *why, struct err *e)
{
	if (rc == -EPROTO) {
		c->broken = true;
		memcpy(c->complaint, why->text, sizeof(c->complaint));
		rc = 0;
	} else if (rc) {
		*e = *why;
	}
	return rc;
}

int run_cell_output(struct run_cell *c, const void *bytes, size_t length, struct err *e)
{
	struct err why = {""};

	if (c->broken)
		return 0;
	return judge(c, collect_bytes(&c->launch->run->collect, &c->stream, bytes, length, &why),
	             &why, e);
}

int run_cell_counts(struct run_cell *c, const struct counts_cell *counts, struct err *e)
{
	struct err why = {""};

	if (c->broken)
		return 0;
	return judge(c, collect_counts(&c->stream, counts, &why), &why, e);
}

/* Keep the last line that is not empty: that is where a program says why it failed. */
void run_cell_error(struct run_cell *c, const void *bytes, size_t length)
{
	const char *text = bytes;
	size_t end = length, begin;

	while (end && (text[end - 1] == '\n' || text[end - 1] == '\0'))
		end--;
	for (begin = end; begin && text[begin - 1] != '\n';)
		begin--;
	if (end > begin && !c->broken)
		snprintf(c->complaint, sizeof(c->complaint), "%.*s", (int)(end - begin),
		         text + begin);
}

static void say_end(const struct run_cell *c, enum vm_job_end how, int code, struct err *reason)
{
	const char *name = c->cell->cell.kernel->name;

	switch (how) {
	case VM_JOB_EXITED:
		err_set(reason, EIO, "bench-%s exited with status %d%s%s", name, code,
		        *c->complaint ? ": " : "", c->complaint);
		break;
	case VM_JOB_SIGNALLED:
		err_set(reason, EIO, "bench-%s was killed by signal %d (%s)", name, code,
		        strsignal(code));
		break;
	case VM_JOB_TIMED_OUT:
		err_set(reason, ETIME, "bench-%s had not ended after %u seconds and was killed",
		        name, c->launch->run->options->cell_seconds);
		break;
	case VM_JOB_CUT:
	case VM_JOB_NEVER_RAN:
		err_set(reason, EIO, "the guest ended before bench-%s did", name);
		break;
	}
}

/* Statuses 0, 1 and 77 of a per-kernel binary come with rows that say what happened. */
static bool ended_well(enum vm_job_end how, int code)
{
	return how == VM_JOB_EXITED && (code == 0 || code == 1 || code == 77);
}

/* Its stream has ended, and its command well: are the rows whole, and do they say the same? */
static int end_stream(struct run_cell *c, int code, struct err *reason, struct err *e)
{
	enum cell_status said = code == 0 ? CELL_OK : code == 1 ? CELL_FAILED : CELL_SKIPPED;
	struct err why = {""};
	int rc = 0;

	if (!c->broken)
		rc = judge(c, collect_end(&c->launch->run->collect, &c->stream, said, &why), &why,
		           e);
	if (c->broken)
		err_set(reason, EPROTO, "%s", c->complaint);
	return rc;
}

int run_cell_account(struct run_launch *launch, const struct suite_cell *cell, bool failed,
                     struct err *e)
{
	struct run *run = launch->run;
	int rc = collect_flush(&run->collect, e);

	run->failed += failed;
	if (rc || *run->stop)
		return rc;
	return journal_add(&run->journal, launch->origin.round, launch->target,
	                   (size_t)(cell - run->suite.cells), collect_bytes_written(&run->collect),
	                   failed, e);
}

int run_cell_end(struct run_cell *c, enum vm_job_end how, int code, struct err *e)
{
	struct run *run = c->launch->run;
	struct err reason = {""};
	int rc = 0;

	run_watch_cell_end(c->launch, &c->cell->cell, &c->before);
	if (!ended_well(how, code))
		say_end(c, how, code, &reason);
	else if ((rc = end_stream(c, code, &reason, e)) == 0)
		run->ok += code == 0 && !*reason.text;
	if (*reason.text || code == 1) {
		char text[256];

		cell_text(&c->cell->cell, text, sizeof(text));
		progress_say(&run->progress, "%s: %s: %s", target_name(c->launch->target), text,
		             *reason.text ? reason.text : "failed: its row says why");
	}
	if (!rc && *reason.text)
		rc = collect_unrun(&run->collect, &c->launch->origin, &c->cell->cell, CELL_FAILED,
		                   reason.text, e);
	if (how == VM_JOB_TIMED_OUT)
		run->timed_out = true;
	if (!rc) /* status 1: the cell's own row has the reason */
		rc = run_cell_account(c->launch, c->cell, *reason.text || code == 1, e);
	progress_cell_done(&run->progress);
	collect_stream_free(&c->stream);
	c->under_way = false;
	return rc;
}
