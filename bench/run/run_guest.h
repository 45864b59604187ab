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

/*
 * What is wrong with the guest's description of itself (job 0), `described`: whether it is any.
 * NULL: nothing, or the guest ended before, and what ended it is said instead.
 */
const char *run_guest_fault(enum vm_job_end how, bool described);

#endif
