/* SPDX-License-Identifier: MIT */
/*
 * The guest's frames, turned into events: checks that the guest is what was asked for, that the
 * frames come in the order that frame.h gives, and that every count agrees.
 *
 * All that a guest can send, or make QEMU send, and how much of it:
 *
 *   what                            at most                            beyond
 *   a frame                         FRAME_PAYLOAD_MAX                  the guest is ended
 *   HELLO, once                     a frame; the keys of hello.c       the guest is ended
 *   OUTPUT, ERROR of a job          its output_max, error_max (job.h)  the guest is ended
 *     of a cell: rows               answer_bytes_max(): its plan       the guest is ended
 *       a row                       ANSWER_LINE_MAX                    the cell fails
 *       samples of a series         those that were asked for          the cell fails
 *     of a cell: errors             RUN_GUEST_ERROR_MAX                the guest is ended
 *     a description                 RUN_GUEST_DESCRIPTION_MAX          the guest is ended
 *     of `vmrun exec`               any number: they are its user's, go where the user says as
 *                                   they come, and nothing of them is kept
 *   MARK of a job                   COLLECT_MARKS_MAX                  the guest is ended
 *     a mark                        FRAME_MARK_MAX                     answered, not taken
 *   START, EXIT, END                one for each job, one              the guest is ended
 *   the console, QEMU's output      LOGS_MAX (logs.h)                  the log is cut, and says so
 *   events of QEMU's                QMP_EVENTS_MAX (qmp.h)             the last are kept
 *   a line of QEMU's monitor        QMP_LINE_MAX (qmp.h)               the monitor is given up
 *   a trace of emulated SEV         TRACE_MAX (trace.h)                it is cut, the run fails
 *   counters of emulated SEV        struct counters (emulation.h)      numbers, of a fixed size
 */
#ifndef VMRUN_WIRE_COLLECT_H
#define VMRUN_WIRE_COLLECT_H

#include <jansson.h>
#include <stdbool.h>

#include "harness/err.h"
#include "harness/sev.h"
#include "vmrun/system/deadline.h"
#include "vmrun/wire/frame.h"
#include "vmrun/wire/job.h"
#include "vmrun/wire/line.h"

/* What a job may take beyond its own deadline before the host gives up on the guest. */
#define COLLECT_GRACE_SECONDS 15

/* Marks of one job. A program sends two for each cell, and the largest sweep has some hundred. */
#define COLLECT_MARKS_MAX 65536U

struct collect {
	/* Set by the caller. */
	enum platform platform; /* what HELLO must say */
	enum accel accel;
	const struct vm_job *jobs;
	size_t job_count;
	const struct vm_events *events;
	void (*count)(void *owner, struct counts *now); /* NULL: nobody counts */
	void *owner;
	struct line *line; /* where HELLO and marks wait for other guests; NULL: they do not wait */
	unsigned guest;    /* its number on the line */

	/* Read by the caller. */
	json_t *hello;    /* NULL until it came */
	json_t *ended;    /* array: how each job ended, for the report */
	bool complete;    /* END came and agreed */
	unsigned answers; /* GO frames that are owed to the guest */
	bool held;        /* the guest is to wait at the line, until collect_release() */
	struct deadline job_deadline;

	struct frame_reader reader;
	bool broken;                        /* a push has failed: nothing more is taken */
	uint32_t frames;                    /* received */
	size_t next_job;                    /* the first that has not ended */
	bool running;                       /* next_job has started */
	uint64_t output_bytes, error_bytes; /* of the job that runs */
	unsigned marks;                     /* of it, too */
	char *mark;                         /* owned: the mark that is held, or NULL */
	struct counts mark_counts;          /* when it came, if it has results */
	double started;
};

/* Zero-initialise, fill in the first part, then this. collect_free() at the end. */
int collect_init(struct collect *c, struct err *e);

/*
 * Bytes as they came from the port. 0; -EPROTO when the stream or the order is broken; -EXDEV when
 * the guest is not what was asked for; -EFBIG when it sends more than its jobs may; -ECANCELED when
 * an event returned nonzero.
 * After a failure nothing more is taken: further calls do nothing and return 0.
 */
int collect_push(struct collect *c, const void *bytes, size_t length, struct err *e);

/* The guest that is held goes on; `met`: what the line says of the guests, NULL: it is broken.
 * Errors as collect_push. */
int collect_release(struct collect *c, const struct vm_meeting *met, struct err *e);

/* Is it the guest's turn to go on by itself: to its first job, the next, or its END? */
bool collect_is_between(const struct collect *c);

/* Is it held at the end of something that was measured, whose results come next? */
bool collect_has_results(const struct collect *c);

/* Nothing more will come: 0, or -EPROTO when the stream was cut inside a frame. */
int collect_cut(const struct collect *c, struct err *e);

/* Tell the events of the jobs that have not ended (VM_JOB_CUT, VM_JOB_NEVER_RAN). */
void collect_rest(struct collect *c);
void collect_free(struct collect *c);

#endif
