/* SPDX-License-Identifier: MIT */
/* A command in the guest, and what the host is told of it: the words of both sides. */
#ifndef VMRUN_WIRE_JOB_H
#define VMRUN_WIRE_JOB_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "vmrun/wire/counts.h"

#define VM_GUESTS_MAX 64 /* at once */

/* One command in the guest. */
struct vm_job {
	char *const
	        *argv; /* argv[0] is the absolute path in the guest: /bin/<name of the program> */
	unsigned seconds; /* deadline of this job; 0: none. A job past it is killed, the rest go on
	                   */
	/* Bytes that it may print on standard output and standard error. Beyond, the guest is
	 * ended; 0: as many as it likes, for its caller keeps none. */
	uint64_t output_max, error_max;
};

enum vm_job_end { VM_JOB_NEVER_RAN, VM_JOB_EXITED, VM_JOB_SIGNALLED, VM_JOB_TIMED_OUT, VM_JOB_CUT };

/*
 * What several guests have had in common between two points at which they met, by the host's clock.
 */
struct vm_meeting {
	unsigned guests; /* how many came to it */
	double skew;     /* seconds from the first's going on to the last's */
	double together; /* how much of the time of the one that took longest all were under way, 0
	                  * to 1; 0 where one was missing */
};

/* Called as things arrive, on the caller's thread. Any may be NULL. Nonzero from one ends the run.
 */
struct vm_events {
	int (*hello)(void *context, const json_t *hello);
	int (*start)(void *context, size_t job);
	int (*output)(void *context, size_t job, const void *bytes, size_t length);
	int (*error)(void *context, size_t job, const void *bytes, size_t length);
	int (*end)(void *context, size_t job, enum vm_job_end how,
	           int code); /* exit status or signal */
	/* The job has sent a line to the host (harness/mark.h) and waits. `counts`: what is counted
	 * of the guest at that moment; COUNTS_NOBODY where nothing is. */
	int (*mark)(void *context, size_t job, const char *line, const struct counts *counts);
	/* Before a mark that ends what was measured, where several guests measured it at once. */
	int (*met)(void *context, size_t job, const struct vm_meeting *met);
	void *context;
};

#endif
