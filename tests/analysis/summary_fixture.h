/* SPDX-License-Identifier: MIT */
/* Rounds by their samples. */
#ifndef TESTS_ANALYSIS_SUMMARY_FIXTURE_H
#define TESTS_ANALYSIS_SUMMARY_FIXTURE_H

#include <math.h>

#include "tests/analysis/fixture.h"

/* A round of samples with these times of one iteration. */
static inline void put_round(struct fixture *f, struct synth row, const double *ns, unsigned count)
{
	for (row.sample = 0; row.sample < count; row.sample++) {
		row.ns = ns[row.sample] * (double)row.iterations;
		synth_row(f->out, &row);
	}
}

static inline void close_to(double value, double expected)
{
	if (!(fabs(value - expected) <= 1e-9 * fabs(expected)))
		fail_msg("%.12g is not %.12g", value, expected);
}

#endif
