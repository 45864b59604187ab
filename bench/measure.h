/* SPDX-License-Identifier: MIT */
/* The cells of one kernel, measured one after the other: their samples as CSV. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "bench/invocation.h"

/* The exit status of a bench-<kernel>. */
enum measure_status {
	MEASURE_DONE = 0,
	MEASURE_FAILED = 1,
	MEASURE_USAGE = 2,
	MEASURE_NOTHING_RAN = 77
};

/*
 * Measure what `inv`, which gets the platform and the accelerator that the machine shows, asks for.
 * Everything that can be refused is refused before the output exists (MEASURE_USAGE). 0, or a
 * negative errno with what kept the rows from being whole; a cell that fails is a row. `*status` is
 * set in any case.
 */
int measure(struct invocation *inv, enum measure_status *status, struct err *e);

/*
 * Give `inv` the platform and the accelerator that CPUID from `cpu` and the files below `root`
 * show: rows must not carry another. -EINVAL where another was asked for; -ENODATA, with the
 * remedy, where none can be told, and not just that was asked for (PLATFORM_UNKNOWN).
 */
int measure_settle(struct invocation *inv, const struct cpu_source *cpu, const char *root,
                   struct err *e);

#endif
