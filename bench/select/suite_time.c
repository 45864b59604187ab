/* SPDX-License-Identifier: MIT */
#include "bench/select/suite_time.h"

#include <math.h>
#include <stdio.h>

/* Of a server of today, one thread; within a factor of two nothing here is worth more thought. */
#define PROCESS_SECONDS 0.06  /* start, topology, clock, and the end */
#define FILL_BYTES      1.5e9 /* a second: page faults, random data, and the check at the end */
#define LINK_BYTES      0.3e9 /* a second, where lines are linked in random order and followed */
#define MOVE_BYTES      8e9   /* a second, from DRAM */
#define FIRST_BATCHES   4     /* that fix the number of iterations */

static double setup_seconds(const struct cell *cell)
{
	bool linked =
	        cell->kernel->unit == UNIT_LATENCY && !(cell->kernel->flags & KERNEL_SINGLE_SHOT);

	if (!(cell->kernel->flags & KERNEL_MEMORY))
		return 0;
	return (double)cell_footprint(cell) / (linked ? LINK_BYTES : FILL_BYTES);
}

static double sampling_seconds(const struct suite_cell *c)
{
	const struct kernel *kernel = c->cell.kernel;
	struct traffic traffic = {0};
	double batch;

	if (c->cell.single || kernel->flags & KERNEL_SINGLE_SHOT)
		return 0; /* a page takes microseconds */
	if (kernel->traffic)
		kernel->traffic(&c->cell, &traffic);
	batch = fmax(c->plan.batch_ns / 1e9,
	             (double)(traffic.read + traffic.written + traffic.allocate) / MOVE_BYTES);
	return c->plan.warmup_ns / 1e9 + batch * (c->plan.samples + FIRST_BATCHES) +
	       (kernel->baseline || kernel->take ? c->plan.samples * c->plan.batch_ns / 1e9 : 0);
}

double suite_time_round(const struct suite *suite)
{
	double seconds = 0;

	for (size_t i = 0; i < suite->count; i++)
		seconds += PROCESS_SECONDS + setup_seconds(&suite->cells[i].cell) +
		           sampling_seconds(&suite->cells[i]);
	return seconds;
}

const char *suite_time_text(double seconds, char text[SUITE_TIME_TEXT])
{
	unsigned minutes = (unsigned)ceil(seconds / 60);

	if (minutes < 120)
		snprintf(text, SUITE_TIME_TEXT, "%u min", minutes);
	else
		snprintf(text, SUITE_TIME_TEXT, "%u:%02u h", minutes / 60, minutes % 60);
	return text;
}
