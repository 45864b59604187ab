/* SPDX-License-Identifier: MIT */
/* One launch of a guest that measures every cell. */
#ifndef BENCH_RUN_RUN_GUEST_H
#define BENCH_RUN_RUN_GUEST_H

#include "bench/run/run.h"

/*
 * Measure every cell once, in the order of run->order. 0, or a negative errno for what makes going
 * on useless: -EINTR, a full disk. A guest that fails is a row for each cell it left out.
 */
int run_guest(struct run_launch *launch, struct err *e);

/* What job 0 may print: a description of the largest machines has some 100 KiB. */
#define RUN_GUEST_DESCRIPTION_MAX (1U << 20)

/* What a job may say on standard error, of which the last line is kept: with --quiet, a sentence; a
 * sanitizer's report has some ten kilobytes. */
#define RUN_GUEST_ERROR_MAX (1U << 20)

/*
 * The guest's description of itself, which job 0 printed and which ended `how`, for json_decref();
 * it is such as harness/environment.h makes, for it goes into the manifest. NULL: it is none, and
 * *fault says why, or "" where the guest ended before, and what ended it is said instead.
 */
json_t *run_guest_environment(const char *text, size_t length, enum vm_job_end how,
                              struct err *fault);

#endif
