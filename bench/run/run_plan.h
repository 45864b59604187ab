/* SPDX-License-Identifier: MIT */
/* What a run will measure, settled before anything starts: cells, targets, memory, CPUs. */
#ifndef BENCH_RUN_RUN_PLAN_H
#define BENCH_RUN_RUN_PLAN_H

#include "bench/run/run.h"

/*
 * From run->options, and for a run that goes on from its manifest. A target that this host cannot
 * launch is no error: it gets its reason. -EINVAL for what cannot be meant.
 */
int run_plan(struct run *run, struct err *e);

/* On standard output, for --dry-run. */
void run_plan_print(const struct run *run);

#endif
