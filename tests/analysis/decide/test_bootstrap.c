/* SPDX-License-Identifier: MIT */
#include "analysis/decide/bootstrap.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/decide/stats.h"

#define DRAWS 200000

/* The distribution of the median of resamples that are really made. */
static void histogram_made(const double *x, size_t n, gsl_rng *rng, double *histogram)
{
	double copy[16];

	for (int i = 0; i < DRAWS; i++) {
		for (size_t k = 0; k < n; k++)
			copy[k] = x[gsl_rng_uniform_int(rng, n)];
		histogram[(int)(2 * stats_median(copy, n))] += 1.0 / DRAWS;
	}
}

static void a_drawn_median_is_one_of_a_resample(void **state)
{
	static const double x[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
	gsl_rng *rng = bootstrap_rng(1, 0);

	(void)state;
	for (size_t n = 1; n <= 9; n++) {
		double made[20] = {0}, drawn[20] = {0};

		histogram_made(x, n, rng, made);
		for (int i = 0; i < DRAWS; i++)
			drawn[(int)(2 * bootstrap_median(x, n, rng))] += 1.0 / DRAWS;
		for (int i = 0; i < 20; i++)
			if (fabs(made[i] - drawn[i]) > 0.006)
				fail_msg("of %zu values, the median %g comes with %g, not %g", n,
				         i / 2.0, drawn[i], made[i]);
	}
	gsl_rng_free(rng);
}

static struct bootstrap_round round_of(const double *op, size_t count)
{
	struct bootstrap_round round = {.op = op, .op_count = count};

	round.log_centre = log(bootstrap_centre(&round));
	return round;
}

static void a_baseline_is_subtracted(void **state)
{
	static const double op[] = {10, 11, 12}, baseline[] = {1, 2, 3, 4};
	struct bootstrap_round round = {op, baseline, 3, 4, 0};

	(void)state;
	assert_true(bootstrap_centre(&round) == 8.5);
}

/* Constant rounds leave only the noise between them: the classic formulas must come out. */
static void errors_agree_with_students(void **state)
{
	static const double a[] = {100, 102, 99, 101, 103}, b[] = {110, 111, 112, 109, 114};
	struct bootstrap_round ra[5], rb[5];
	struct bootstrap_draws draws[2];
	struct bootstrap_estimate paired, apart;
	static double replicate[4 * 20000];
	double d[5], mean = 0, sd = 0, va = 0, vb = 0, ma = 0, mb = 0, low, high;
	gsl_rng *rng = bootstrap_rng(3, 9);
	struct err e;

	(void)state;
	assert_int_equal(bootstrap_draws_make(&draws[0], 3, 0, 20000, 5, &e), 0);
	assert_int_equal(bootstrap_draws_make(&draws[1], 3, 1, 20000, 5, &e), 0);
	for (int i = 0; i < 5; i++) {
		ra[i] = round_of(&a[i], 1);
		rb[i] = round_of(&b[i], 1);
		d[i] = log(b[i] / a[i]);
		mean += d[i] / 5;
		ma += log(a[i]) / 5;
		mb += log(b[i]) / 5;
	}
	for (int i = 0; i < 5; i++) {
		sd += (d[i] - mean) * (d[i] - mean) / 4;
		va += (log(a[i]) - ma) * (log(a[i]) - ma) / 4;
		vb += (log(b[i]) - mb) * (log(b[i]) - mb) / 4;
	}
	paired = bootstrap_log_ratio(ra, 5, rb, 5, true, &draws[0], &draws[1], rng, replicate);
	apart = bootstrap_log_ratio(ra, 5, rb, 5, false, &draws[0], &draws[1], rng, replicate);
	assert_true(fabs(paired.log_ratio - mean) < 1e-12);
	assert_true(fabs(paired.error / sqrt(sd / 5) - 1) < 0.02);
	assert_true(paired.freedom == 4);
	assert_true(fabs(apart.error / sqrt((va + vb) / 5) - 1) < 0.02);
	assert_true(apart.freedom > 4 && apart.freedom <= 8);
	/* t(0.975, 4) = 2.776 */
	bootstrap_interval(&paired, 0.95, &low, &high);
	assert_true(fabs(log(high) - mean - 2.776445 * paired.error) < 1e-6);
	assert_true(fabs(log(low) - mean + 2.776445 * paired.error) < 1e-6);
	paired.log_ratio = 2.776445 * paired.error;
	assert_true(fabs(bootstrap_p(&paired) - 0.05) < 1e-6);
	gsl_rng_free(rng);
	bootstrap_draws_free(&draws[0]);
	bootstrap_draws_free(&draws[1]);
}

/*
 * The noise of samples is in the rounds' medians and must not be counted again; how much of the
 * error it accounts for is told.
 */
static void the_noise_of_samples_counts_once(void **state)
{
	static double op[2][5][31], replicate[4 * 2000];
	struct bootstrap_round rounds[2][5];
	struct bootstrap_draws draws;
	struct bootstrap_estimate estimate[2]; /* narrow, wide */
	gsl_rng *rng = bootstrap_rng(5, 1);
	struct err e;

	(void)state;
	assert_int_equal(bootstrap_draws_make(&draws, 5, 0, 2000, 5, &e), 0);
	for (int spread = 0; spread < 2; spread++) {
		/* The medians of rounds are the same, whatever their samples spread. */
		for (int side = 0; side < 2; side++)
			for (int r = 0; r < 5; r++) {
				for (int i = 0; i < 31; i++)
					op[side][r][i] = (100 + side + r % 2 * side) *
					                 (1 + (i - 15) * (spread ? 0.02 : 0.0001));
				rounds[side][r] = round_of(op[side][r], 31);
			}
		estimate[spread] = bootstrap_log_ratio(rounds[0], 5, rounds[1], 5, true, &draws,
		                                       &draws, rng, replicate);
	}
	assert_true(fabs(estimate[1].error / estimate[0].error - 1) < 1e-9);
	assert_true(estimate[0].samples < 0.05);
	assert_true(estimate[1].samples > 0.9 && estimate[1].samples <= 1);
	gsl_rng_free(rng);
	bootstrap_draws_free(&draws);
}

static void without_noise_a_difference_is_certain(void **state)
{
	struct bootstrap_estimate e = {.log_ratio = 0, .error = 0, .freedom = 4};

	(void)state;
	assert_true(bootstrap_p(&e) == 1);
	e.log_ratio = 1e-9;
	assert_true(bootstrap_p(&e) == 0);
}

/* R: p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.8), "BH"). */
static void the_correction_is_that_of_benjamini_and_hochberg(void **state)
{
	const double p[] = {0.01, 0.04, NAN, 0.03, 0.005, 0.8};
	const double expected[] = {0.025, 0.05, NAN, 0.05, 0.025, 0.8};
	double q[6];
	struct err e;

	(void)state;
	assert_int_equal(bootstrap_adjust(p, q, 6, &e), 0);
	for (int i = 0; i < 6; i++)
		assert_true(i == 2 ? isnan(q[i]) != 0 : fabs(q[i] - expected[i]) < 1e-12);
	assert_int_equal(bootstrap_adjust(p, q, 0, &e), 0);
}

static void a_stream_repeats_and_differs_from_others(void **state)
{
	gsl_rng *a = bootstrap_rng(7, 1), *b = bootstrap_rng(7, 1), *c = bootstrap_rng(7, 2),
	        *d = bootstrap_rng(8, 1);
	double x = gsl_rng_uniform(a);

	(void)state;
	assert_true(x == gsl_rng_uniform(b));
	assert_true(x != gsl_rng_uniform(c));
	assert_true(x != gsl_rng_uniform(d));
	gsl_rng_free(a);
	gsl_rng_free(b);
	gsl_rng_free(c);
	gsl_rng_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_drawn_median_is_one_of_a_resample),
	        cmocka_unit_test(a_baseline_is_subtracted),
	        cmocka_unit_test(errors_agree_with_students),
	        cmocka_unit_test(the_noise_of_samples_counts_once),
	        cmocka_unit_test(without_noise_a_difference_is_certain),
	        cmocka_unit_test(the_correction_is_that_of_benjamini_and_hochberg),
	        cmocka_unit_test(a_stream_repeats_and_differs_from_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
