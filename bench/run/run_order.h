/* SPDX-License-Identifier: MIT */
/* In which order: of the cells in a launch, and of the launches in a round. */
#ifndef BENCH_RUN_RUN_ORDER_H
#define BENCH_RUN_RUN_ORDER_H

#include "bench/select/suite.h"

/* A random permutation of 0 to `count` - 1, the same for the same seed. */
void run_order(size_t *order, size_t count, uint64_t seed);

/* The same of a suite's cells, with those first that want a system which has just booted. */
void run_order_cells(const struct suite *suite, uint64_t seed, size_t *order);

#endif
