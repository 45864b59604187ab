/* SPDX-License-Identifier: MIT */
/* What a bench-<kernel> that was given no option shows on a terminal: a table, within ten seconds.
 */
#ifndef BENCH_LOOK_H
#define BENCH_LOOK_H

#include <stddef.h>

#include "harness/clock.h"
#include "harness/result.h"
#include "harness/sampler.h"

struct look {
	const struct kernel *kernel;
	double began, cell_began, longest; /* seconds */
	size_t left_out;                   /* cells for which no time was left */
	int width;                         /* of the widest cell's name */
	unsigned samples;                  /* of a cell */
	char reason[512];                  /* why the cell before did not run */
};

/* The head of the table of `cells`, on standard output; the time counts from here. */
void look_begin(struct look *look, const struct result_origin *origin, const struct cell *cells,
                size_t count);

/* Is there time for one more cell, such as the longest so far? If not, it counts as left out. */
bool look_goes_on(struct look *look);

/* The row of a cell that was measured, or of one that could not be. */
void look_cell(struct look *look, const struct cell *cell, const struct clock *clock,
               const struct sampler_result *r);
void look_unrun(struct look *look, const struct cell *cell, enum cell_status status,
                const char *reason);

/* What stands below: what the figures are, and how to get all of them. */
void look_end(const struct look *look);

#endif
