/* SPDX-License-Identifier: MIT */
#include "analysis/decide/modes.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "tests/cmocka.h"

static bool find(const double *ns, size_t count, struct modes *modes)
{
	double logs[64];

	for (size_t i = 0; i < count; i++)
		logs[i] = log(ns[i]);
	return modes_find(logs, count, modes);
}

#define FIND(modes, ...)                                                                           \
	find((double[]){__VA_ARGS__}, sizeof((double[]){__VA_ARGS__}) / sizeof(double), modes)

static void two_groups_are_found_with_their_places(void **state)
{
	struct modes m;

	(void)state;
	assert_true(FIND(&m, 500, 100, 101, 99, 502));
	assert_true(m.rounds == 5 && m.lower == 3);
	assert_true(fabs(exp(m.low) - 100) < 0.1 && fabs(exp(m.high) - 501) < 0.1);
	assert_true(modes_rounds(&m) == 25);
	assert_true(FIND(&m, 100, 100.1, 500));
	assert_true(m.lower == 2 && modes_rounds(&m) == 30);
}

static void what_is_no_gap_is_none(void **state)
{
	struct modes m;

	(void)state;
	assert_false(FIND(&m, 100, 500));
	assert_false(FIND(&m, 100, 100, 108, 108, 108)); /* less than 10 % */
	assert_false(FIND(&m, 100, 110, 150, 155, 160)); /* scatter of its own */
	assert_false(FIND(&m, 100, 102, 150));           /* of three it may be chance */
	assert_false(FIND(&m, 100, 100, 100));
}

static void ten_rounds_in_either_group_tell(void **state)
{
	double ns[25];
	struct modes m;

	(void)state;
	for (int i = 0; i < 25; i++)
		ns[i] = i < 10 ? 500 : 100;
	assert_false(find(ns, 25, &m));
	ns[0] = 100;
	assert_true(find(ns, 25, &m));
	assert_true(m.lower == 16);
}

static double draw(gsl_rng *rng, int noise)
{
	switch (noise) {
	case 0:
		return gsl_ran_gaussian(rng, 1);
	case 1:
		return gsl_ran_flat(rng, 0, 3);
	case 2:
		return gsl_ran_tdist(rng, 3);
	default:
		return gsl_ran_exponential(rng, 1);
	}
}

#define TRIES 4000

/* Of so many sets of `count` rounds, those that look like two groups. */
static int count_found(gsl_rng *rng, int noise, size_t count)
{
	int found = 0;

	for (int i = 0; i < TRIES; i++) {
		double logs[30];
		struct modes m;

		for (size_t r = 0; r < count; r++)
			logs[r] = draw(rng, noise);
		found += modes_find(logs, count, &m);
	}
	return found;
}

/* One set of rounds in 50, and one in 20 where they scatter by an exponential distribution. */
static void smooth_noise_is_rarely_taken_for_modes(void **state)
{
	static const size_t counts[] = {3, 4, 5, 10, 30};
	static const double most[] = {0.02, 0.02, 0.02, 1.0 / 20};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);

	(void)state;
	for (int noise = 0; noise < 4; noise++) {
		/* 3.3 standard deviations: one such test in 2000 */
		double expected = TRIES * most[noise];
		double bound = expected + 3.3 * sqrt(expected * (1 - most[noise]));

		for (size_t k = 0; k < sizeof(counts) / sizeof(*counts); k++)
			assert_true(count_found(rng, noise, counts[k]) <= bound);
	}
	gsl_rng_free(rng);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(two_groups_are_found_with_their_places),
	        cmocka_unit_test(what_is_no_gap_is_none),
	        cmocka_unit_test(ten_rounds_in_either_group_tell),
	        cmocka_unit_test(smooth_noise_is_rarely_taken_for_modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
