/* SPDX-License-Identifier: MIT */
/* One launch on this machine itself: a process for every cell. */
#ifndef BENCH_RUN_RUN_NATIVE_H
#define BENCH_RUN_RUN_NATIVE_H

#include "bench/run/run.h"

/*
 * Measure every cell once, in the order of run->order. 0, or a negative errno for what makes going
 * on useless: -EINTR, a full disk.
 */
int run_native(struct run_launch *launch, struct err *e);

#endif
