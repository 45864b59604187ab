/* SPDX-License-Identifier: MIT */
/*
 * From how many rounds on is an interval one? Rounds with a known truth, 20,000 sets for each
 * number and each way in which launches scatter; sets that fall into several modes have no interval
 * (analysis/decide/modes.h).
 */
#include "analysis/decide/estimate.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "analysis/decide/modes.h"
#include "tests/cmocka.h"

#define SETS   20000
#define ROUNDS 30
#define ERROR  (3.3 * sqrt(0.05 * 0.95 / SETS)) /* what chance does to a share near 95 % */

enum shape { NORMAL, HEAVY, EVEN, LONG_TAIL, HALF, THREE_IN_TEN, ONE_IN_TEN, SHAPES };

static const struct {
	const char *name;
	double mean;
} shapes[SHAPES] = {
        [NORMAL] = {"normal", 0},
        [HEAVY] = {"heavy tails", 0},
        [EVEN] = {"even", 0},
        [LONG_TAIL] = {"long tail to one side", 0.01},
        [HALF] = {"every other launch 3 % slower", 0.015},
        [THREE_IN_TEN] = {"three in ten 3 % slower", 0.009},
        [ONE_IN_TEN] = {"one in ten 5 % slower", 0.005},
};

static const unsigned counts[] = {2, 3, 4, 5, 6, 8, 12, ROUNDS};

#define COUNTS (sizeof(counts) / sizeof(*counts))

static double kinds(gsl_rng *rng, double share, double distance)
{
	return gsl_ran_gaussian(rng, 0.003) + (gsl_rng_uniform(rng) < share ? distance : 0);
}

/* The log of one launch's time, around 0 or more. */
static double launch(gsl_rng *rng, enum shape shape)
{
	switch (shape) {
	case HEAVY:
		return 0.01 * gsl_ran_tdist(rng, 3);
	case EVEN:
		return gsl_ran_flat(rng, -0.01, 0.01);
	case LONG_TAIL:
		return gsl_ran_exponential(rng, 0.01);
	case HALF:
		return kinds(rng, 0.5, 0.03);
	case THREE_IN_TEN:
		return kinds(rng, 0.3, 0.03);
	case ONE_IN_TEN:
		return kinds(rng, 0.1, 0.05);
	default:
		return gsl_ran_gaussian(rng, 0.01);
	}
}

static bool has_modes(const struct estimate_round *rounds, const struct estimate_round *less,
                      unsigned count)
{
	struct modes modes;
	double logs[ROUNDS];

	for (unsigned i = 0; i < count; i++)
		logs[i] = rounds[i].log - (less ? less[i].log : 0);
	return modes_find(logs, count, &modes);
}

/* The share of intervals that hold the truth; launches of the other side are alike, or quiet. */
static double cover(gsl_rng *rng, enum shape shape, unsigned count, bool alike)
{
	struct estimate_round a[ROUNDS] = {{.ns = 0}}, b[ROUNDS] = {{.ns = 0}};
	double truth = alike ? 0 : shapes[shape].mean, low, high;
	unsigned intervals = 0, held = 0;

	for (unsigned set = 0; set < SETS; set++) {
		struct estimate e;

		for (unsigned i = 0; i < count; i++) {
			a[i].log = alike ? launch(rng, shape) : gsl_ran_gaussian(rng, 0.002);
			b[i].log = launch(rng, shape);
			a[i].ns = b[i].ns = 1;
		}
		if (has_modes(a, NULL, count) || has_modes(b, NULL, count) ||
		    has_modes(b, a, count))
			continue;
		e = estimate_log_ratio(a, count, b, count, true);
		estimate_interval(&e, 0.95, &low, &high);
		intervals++;
		held += low <= truth && truth <= high;
	}
	return (double)held / fmax(1, intervals);
}

static void make_table(bool alike, double share[SHAPES][COUNTS])
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);

	for (int s = 0; s < SHAPES; s++) {
		print_message("  %-30s", shapes[s].name);
		for (size_t i = 0; i < COUNTS; i++) {
			share[s][i] = cover(rng, (enum shape)s, counts[i], alike);
			print_message(" %u: %.3f", counts[i], share[s][i]);
		}
		print_message("\n");
	}
	gsl_rng_free(rng);
}

static size_t place_of(unsigned count)
{
	size_t i = 0;

	while (counts[i] != count)
		i++;
	return i;
}

/* Skew cancels where both sides have it. */
static void launches_that_are_alike_need_three(void **state)
{
	double share[SHAPES][COUNTS];

	(void)state;
	make_table(true, share);
	for (int s = 0; s < SHAPES; s++)
		for (size_t i = place_of(3); i < COUNTS; i++)
			assert_true(share[s][i] >= 0.945 - ERROR);
}

/* What common shapes lack at four, they have from ESTIMATE_BELIEVED on; and what five lack. */
static void launches_of_one_side_need_five(void **state)
{
	static const enum shape common[] = {NORMAL, HEAVY, EVEN, HALF};
	double share[SHAPES][COUNTS];

	(void)state;
	make_table(false, share);
	for (size_t s = 0; s < sizeof(common) / sizeof(*common); s++)
		for (size_t i = place_of(ESTIMATE_BELIEVED); i < COUNTS; i++)
			assert_true(share[common[s]][i] >= 0.935 - ERROR);
	assert_true(share[HALF][place_of(ESTIMATE_BELIEVED - 1)] < 0.9);
	assert_true(share[LONG_TAIL][place_of(5)] > 0.88);
	assert_true(share[LONG_TAIL][place_of(12)] < 0.93);
	assert_true(share[ONE_IN_TEN][place_of(5)] < 0.7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(launches_that_are_alike_need_three),
	        cmocka_unit_test(launches_of_one_side_need_five),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
