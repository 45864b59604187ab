/* SPDX-License-Identifier: MIT */
#include "vmrun/wire/collect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmrun/wire/hello.h"

int collect_init(struct collect *c, struct err *e)
{
	c->ended = json_array();
	c->job_deadline = deadline_never();
	return c->ended ? 0 : err_set(e, ENOMEM, "no memory for the run's report");
}

static int cancelled(int rc, const char *event, struct err *e)
{
	return rc ? err_set(e, ECANCELED, "the run was ended by its caller (%s)", event) : 0;
}

static int out_of_order(const struct collect *c, const struct frame *frame, struct err *e)
{
	return err_set(e, EPROTO,
	               "the guest sent %s of job %u out of order: %zu of %zu jobs ended%s",
	               frame_type_name(frame->type), frame->job, c->next_job, c->job_count,
	               c->running ? ", one runs" : "");
}

/* The numbers of a run must never stand under the name of another platform. */
static int check_identity(const struct collect *c, struct err *e)
{
	const char *platform = json_string_value(json_object_get(c->hello, "platform"));
	const char *accel = json_string_value(json_object_get(c->hello, "accel"));
	const char *how = json_string_value(json_object_get(c->hello, "how"));

	if (!platform || strcmp(platform, platform_name(c->platform)) != 0)
		return err_set(e, EXDEV,
		               "a guest of platform %s was asked for, but it says it is %s (%s)",
		               platform_name(c->platform), platform ? platform : "unknown",
		               how ? how : "no reason given");
	if (!accel || strcmp(accel, accel_name(c->accel)) != 0)
		return err_set(e, EXDEV, "the guest was launched with %s, but it sees %s",
		               accel_name(c->accel), accel ? accel : "nothing that it knows");
	return 0;
}

/* The guest waits: for the others, or for no longer than it takes to answer. */
static void hold(struct collect *c)
{
	if (c->line)
		c->held = true;
	else
		c->answers++;
}

static int on_hello(struct collect *c, const struct frame *frame, struct err *e)
{
	const struct vm_events *v = c->events;
	int rc;

	if (c->hello)
		return out_of_order(c, frame, e);
	rc = hello_read(frame->payload, frame->length, &c->hello, e);
	if (!rc)
		rc = check_identity(c, e);
	if (rc)
		return rc;
	hold(c);
	return v->hello ? cancelled(v->hello(v->context, c->hello), "hello", e) : 0;
}

static int on_start(struct collect *c, const struct frame *frame, struct err *e)
{
	const struct vm_events *v = c->events;

	if (c->running || frame->job != c->next_job || frame->job >= c->job_count)
		return out_of_order(c, frame, e);
	c->running = true;
	c->started = deadline_now();
	c->output_bytes = c->error_bytes = 0;
	c->marks = 0;
	if (c->line)
		line_begin(c->line, c->guest, frame->job);
	if (c->jobs[frame->job].seconds)
		c->job_deadline = deadline_in(c->jobs[frame->job].seconds + COLLECT_GRACE_SECONDS);
	return v->start ? cancelled(v->start(v->context, frame->job), "start", e) : 0;
}

/* `arrived` bytes, these included: as many as the job may send? */
static int check_bytes(const struct collect *c, const struct frame *frame, uint64_t arrived,
                       uint64_t max, struct err *e)
{
	const char *name = c->jobs[frame->job].argv ? c->jobs[frame->job].argv[0] : "?";

	if (!frame->length) /* guest-init sends none, and there could be any number of them */
		return err_set(e, EPROTO, "the guest sent an empty %s of job %u",
		               frame_type_name(frame->type), frame->job);
	if (!max || arrived <= max)
		return 0;
	return err_set(e, EFBIG,
	               "job %u (%s) sent more than the %llu bytes of %s that it may: the guest is "
	               "ended",
	               frame->job, name, (unsigned long long)max, frame_type_name(frame->type));
}

static int on_bytes(struct collect *c, const struct frame *frame, struct err *e)
{
	const struct vm_events *v = c->events;
	bool output = frame->type == FRAME_OUTPUT;
	int (*tell)(void *, size_t, const void *, size_t) = output ? v->output : v->error;
	uint64_t *bytes = output ? &c->output_bytes : &c->error_bytes;
	int rc;

	if (!c->running || frame->job != c->next_job)
		return out_of_order(c, frame, e);
	*bytes += frame->length;
	rc = check_bytes(c, frame, *bytes,
	                 output ? c->jobs[frame->job].output_max : c->jobs[frame->job].error_max,
	                 e);
	if (rc || !tell)
		return rc;
	return cancelled(tell(v->context, frame->job, frame->payload, frame->length),
	                 output ? "output" : "error", e);
}

static const char *how_name(enum vm_job_end how)
{
	static const char *const names[] = {
	        [VM_JOB_NEVER_RAN] = "never ran",
	        [VM_JOB_EXITED] = "exited",
	        [VM_JOB_SIGNALLED] = "signalled",
	        [VM_JOB_TIMED_OUT] = "timed out",
	        [VM_JOB_CUT] = "cut",
	};

	return names[how];
}

/* The job that runs has ended. */
static int end_job(struct collect *c, enum vm_job_end how, int code, uint32_t oom_kills,
                   struct err *e)
{
	const struct vm_events *v = c->events;
	size_t job = c->next_job++;
	json_t *row =
	        json_pack("{s:I, s:s, s:i, s:f, s:I}", "job", (json_int_t)job, "how", how_name(how),
	                  "code", code, "seconds", c->running ? deadline_now() - c->started : 0.0,
	                  "output_bytes", (json_int_t)(c->running ? c->output_bytes : 0));

	if (row && oom_kills)
		json_object_set_new(row, "oom_kills", json_integer(oom_kills));
	if (row)
		json_array_append_new(c->ended, row);
	c->running = false;
	c->job_deadline = deadline_never();
	return v->end ? cancelled(v->end(v->context, job, how, code), "end", e) : 0;
}

static int on_exit_frame(struct collect *c, const struct frame *frame, struct err *e)
{
	enum vm_job_end how = VM_JOB_EXITED;
	struct frame_exit x;
	int rc = frame_read_exit(frame, &x, e);

	if (rc)
		return rc;
	if (!c->running || frame->job != c->next_job)
		return out_of_order(c, frame, e);
	if (x.output_bytes != c->output_bytes || x.error_bytes != c->error_bytes)
		return err_set(
		        e, EPROTO, "job %u wrote %llu and %llu bytes, but %llu and %llu arrived",
		        frame->job, (unsigned long long)x.output_bytes,
		        (unsigned long long)x.error_bytes, (unsigned long long)c->output_bytes,
		        (unsigned long long)c->error_bytes);
	if (x.how == FRAME_EXIT_DEADLINE)
		how = VM_JOB_TIMED_OUT;
	else if (x.signal)
		how = VM_JOB_SIGNALLED;
	if (c->line)
		line_end(c->line, c->guest, frame->job);
	return end_job(c, how, (int)(x.signal ? x.signal : x.code), x.oom_kills, e);
}

static int on_end(struct collect *c, const struct frame *frame, struct err *e)
{
	struct frame_end end;
	int rc = frame_read_end(frame, &end, e);

	if (rc)
		return rc;
	if (c->running || c->next_job != c->job_count || end.jobs != c->job_count ||
	    end.frames != c->frames)
		return err_set(
		        e, EPROTO,
		        "the guest's END counts %u jobs and %u frames, but %zu of %zu jobs and %u "
		        "frames arrived",
		        end.jobs, end.frames, c->next_job, c->job_count, c->frames);
	c->complete = true;
	c->answers++;
	return 0;
}

static struct counts count(const struct collect *c)
{
	struct counts now = {COUNTS_NOBODY, {0}};

	if (c->count)
		c->count(c->owner, &now);
	return now;
}

static int tell_mark(struct collect *c, const char *line, struct counts counts, struct err *e)
{
	int rc = c->events->mark(c->events->context, c->next_job, line, &counts);

	return rc ? err_set(e, ECANCELED, "the run was ended") : 0;
}

/* The job stands still until it is answered: what is counted now is what it has done so far. */
static int on_mark(struct collect *c, const struct frame *frame, struct err *e)
{
	char line[FRAME_MARK_MAX + 1];

	if (++c->marks > COLLECT_MARKS_MAX)
		return err_set(e, EFBIG,
		               "job %u sent more than the %u marks that it may: the guest is ended",
		               frame->job, COLLECT_MARKS_MAX);
	/* A job that does not wait for its answers meets nobody. */
	if (!c->running || frame->length >= sizeof(line) || c->held) {
		c->answers++;
		return 0;
	}
	memcpy(line, frame->payload, frame->length);
	line[frame->length] = '\0';
	if (!c->line) {
		c->answers++;
		return c->events->mark ? tell_mark(c, line, count(c), e) : 0;
	}
	c->mark = strdup(line);
	if (!c->mark)
		return err_set(e, ENOMEM, "no memory for a mark");
	if (collect_has_results(c))
		c->mark_counts = count(c);
	hold(c);
	return 0;
}

bool collect_is_between(const struct collect *c)
{
	return c->hello && !c->running && !c->held && !c->complete;
}

bool collect_has_results(const struct collect *c)
{
	return c->mark && strcmp(c->mark, MARK_BEGIN) != 0;
}

/* What is counted from a beginning on leaves out the time until the others had come to it. */
int collect_release(struct collect *c, const struct vm_meeting *met, struct err *e)
{
	const struct vm_events *v = c->events;
	bool results = collect_has_results(c);
	char *mark = c->mark;
	int rc = 0;

	c->held = false;
	c->answers++;
	c->mark = NULL;
	if (results && met && v->met)
		rc = cancelled(v->met(v->context, c->next_job, met), "met", e);
	if (!rc && mark && v->mark)
		rc = tell_mark(c, mark, results ? c->mark_counts : count(c), e);
	free(mark);
	return rc;
}

static int on_frame(struct collect *c, const struct frame *frame, struct err *e)
{
	if (c->complete || (!c->hello && frame->type != FRAME_HELLO))
		return out_of_order(c, frame, e);
	switch (frame->type) {
	case FRAME_HELLO:
		return on_hello(c, frame, e);
	case FRAME_START:
		return on_start(c, frame, e);
	case FRAME_OUTPUT:
	case FRAME_ERROR:
		return on_bytes(c, frame, e);
	case FRAME_EXIT:
		return on_exit_frame(c, frame, e);
	case FRAME_END:
		return on_end(c, frame, e);
	case FRAME_MARK:
		return on_mark(c, frame, e);
	case FRAME_GO:
		break;
	}
	return out_of_order(c, frame, e);
}

int collect_push(struct collect *c, const void *bytes, size_t length, struct err *e)
{
	struct frame frame;
	int rc = 0, more = 1;

	if (c->broken)
		return 0;
	rc = frame_reader_push(&c->reader, bytes, length, e);
	while (!rc && more) {
		more = frame_reader_next(&c->reader, &frame, e);
		rc = more < 0 ? more : 0;
		if (more > 0) {
			rc = on_frame(c, &frame, e);
			c->frames++;
		}
	}
	c->broken = rc != 0;
	return rc;
}

int collect_cut(const struct collect *c, struct err *e)
{
	return frame_reader_end(&c->reader, e);
}

void collect_rest(struct collect *c)
{
	while (c->next_job < c->job_count)
		end_job(c, c->running ? VM_JOB_CUT : VM_JOB_NEVER_RAN, 0, 0, NULL);
}

void collect_free(struct collect *c)
{
	frame_reader_free(&c->reader);
	json_decref(c->hello);
	json_decref(c->ended);
	free(c->mark);
	c->hello = c->ended = NULL;
	c->mark = NULL;
}
