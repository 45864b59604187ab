/* SPDX-License-Identifier: MIT */
/* World switches whose parts are known. */
#ifndef TESTS_ANALYSIS_PARTS_FIXTURE_H
#define TESTS_ANALYSIS_PARTS_FIXTURE_H

#include "tests/analysis/fixture.h"

#define ROUNDS 5

/* A cell in `rounds` rounds; each is slower or faster than `ns` by up to 2 %, together with all
 * other cells of that round. */
static inline void put_with(struct fixture *f, const char *platform, const char *accel,
                            const char *kernel, const char *variant, const char *params, double ns,
                            unsigned rounds)
{
	static const double drift[ROUNDS] = {1, 1.02, 0.98, 1.01, 0.99};
	struct synth row = synth_default;

	row.platform = platform;
	row.accel = accel;
	row.kernel = kernel;
	row.variant = variant;
	row.params = params;
	row.size = 0;
	row.iterations = 100;
	for (row.round = 1; row.round <= rounds; row.round++) {
		for (row.sample = 0; row.sample < 9; row.sample++) {
			double jitter = 1 + ((double)row.sample - 4) / 1000;

			row.ns = 100 * ns * drift[row.round - 1] * jitter;
			synth_row(f->out, &row);
		}
	}
}

static inline void put(struct fixture *f, const char *platform, const char *accel,
                       const char *kernel, const char *variant, double ns, unsigned rounds)
{
	put_with(f, platform, accel, kernel, variant, "", ns, rounds);
}

static inline void prepare(struct fixture *f)
{
	fixture_summarise(f);
	assert_int_equal(parts_make(&f->summary, &f->parts, &f->e), 0);
}

#endif
