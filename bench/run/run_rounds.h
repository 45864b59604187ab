/* SPDX-License-Identifier: MIT */
/* Every launch of every round: each target once a round, in an order of its own. */
#ifndef BENCH_RUN_RUN_ROUNDS_H
#define BENCH_RUN_RUN_ROUNDS_H

#include "bench/run/run.h"

/*
 * Measure what is planned and not yet in the journal; what cannot be launched gets a row for each
 * cell. 0, or a negative errno for what ends the run: -EINTR, a full disk.
 */
int run_rounds(struct run *run, struct err *e);

#endif
