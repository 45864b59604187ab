/* SPDX-License-Identifier: MIT */
/* What is said of a run as a whole: before its first launch, and at its end. */
#ifndef BENCH_RUN_RUN_SAY_H
#define BENCH_RUN_RUN_SAY_H

#include "bench/run/run.h"

/*
 * What lies ahead, and what will be wrong with it, while something can be done about it. `planned`:
 * cells on each target over all rounds. run->progress has begun.
 */
void run_say_begin(struct run *run, const size_t planned[TARGET_COUNT]);

/* That a run has fewer rounds than an interval may be believed from on, or "". Returns `text`. */
#define RUN_SAY_FEW 128
const char *run_say_few(const struct run *run, char text[RUN_SAY_FEW]);

/* Again and at the end: what was said while it ran is far above by then. `whole`: the run has come
 * to its end, and its samples have their name. */
void run_say_failures(const struct run *run, bool whole);

#endif
