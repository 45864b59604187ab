/* SPDX-License-Identifier: MIT */
/* Cells on private and on shared memory. */
#ifndef TESTS_ANALYSIS_INSIDE_FIXTURE_H
#define TESTS_ANALYSIS_INSIDE_FIXTURE_H

#include "tests/analysis/fixture.h"

#define ROUNDS 5

/* Rounds that drift by 2 % together, and samples that differ by a thousandth. */
static inline void put(struct fixture *f, const char *platform, const char *accel,
                       const char *backing, double ns)
{
	static const double drift[ROUNDS] = {1, 1.02, 0.98, 1.01, 0.99};
	static const double own[2][ROUNDS] = {{1, 1.001, 1, 0.999, 1}, {0.999, 1, 1, 1, 1.001}};
	struct synth row = synth_default;

	row.platform = platform;
	row.accel = accel;
	row.backing = backing;
	for (row.round = 1; row.round <= ROUNDS; row.round++) {
		for (row.sample = 0; row.sample < 9; row.sample++) {
			row.ns = 10 * ns * drift[row.round - 1] *
			         own[backing[0] == 's'][row.round - 1] *
			         (1 + ((double)row.sample - 4) / 4000);
			synth_row(f->out, &row);
		}
	}
}

static inline void prepare(struct fixture *f)
{
	fixture_summarise(f);
	assert_int_equal(inside_make(&f->summary, &f->options, &f->inside, &f->e), 0);
}

#endif
