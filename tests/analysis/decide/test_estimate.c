/* SPDX-License-Identifier: MIT */
#include "analysis/decide/estimate.h"

#include <math.h>

#include "tests/cmocka.h"

static struct estimate_round round_of(double ns)
{
	return (struct estimate_round){.ns = ns, .log = log(ns)};
}

static void fill(struct estimate_round *rounds, const double *ns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		rounds[i] = round_of(ns[i]);
}

static bool near(double value, double expected)
{
	return fabs(value - expected) <= 1e-6 * (1 + fabs(expected));
}

/* R: t.test(log(b / a)), and t.test(log(b), log(a)) but for the degrees of freedom. */
static void intervals_are_students(void **state)
{
	struct estimate_round a[5], b[5];
	struct estimate paired, apart;
	double low, high, d[5], mean = 0, squares = 0;

	(void)state;
	fill(a, (const double[]){100, 102, 99, 101, 103}, 5);
	fill(b, (const double[]){110, 111, 112, 109, 114}, 5);
	for (int i = 0; i < 5; i++)
		mean += (d[i] = b[i].log - a[i].log) / 5;
	for (int i = 0; i < 5; i++)
		squares += (d[i] - mean) * (d[i] - mean);
	paired = estimate_log_ratio(a, 5, b, 5, true);
	apart = estimate_log_ratio(a, 5, b, 5, false);
	assert_true(near(paired.value, mean) && near(apart.value, mean));
	assert_true(near(paired.error, sqrt(squares / 4 / 5)));
	assert_true(paired.freedom == 4 && apart.freedom == 4);
	/* sqrt((var(log(a)) + var(log(b))) / 5) */
	assert_true(near(apart.error, 0.0104176491));
	estimate_interval(&paired, 0.95, &low, &high);
	assert_true(near(high, mean + 2.776445 * paired.error));
	assert_true(near(low, mean - 2.776445 * paired.error));
	estimate_ratio_interval(&paired, 0.95, &low, &high);
	assert_true(near(log(high), mean + 2.776445 * paired.error));
	paired.value = 1 + 2.776445 * paired.error;
	assert_true(near(estimate_p(&paired, 1), 0.05));
	assert_true(near(estimate_p_above(&paired, 1), 0.025));
	paired.value = 1 - 2.776445 * paired.error;
	assert_true(near(estimate_p(&paired, 1), 0.05));
	assert_true(near(estimate_p_above(&paired, 1), 0.975));
}

static void sides_of_their_own_have_the_freedom_of_the_smaller(void **state)
{
	struct estimate_round a[10], b[2];

	(void)state;
	fill(a, (const double[]){955, 965, 975, 985, 995, 1005, 1015, 1025, 1035, 1045}, 10);
	fill(b, (const double[]){1060, 1061}, 2);
	assert_true(estimate_log_ratio(a, 10, b, 2, false).freedom == 1);
	assert_true(estimate_log_ratio(b, 2, a, 10, false).freedom == 1);
	assert_true(estimate_p(&(struct estimate){.value = 0.06, .error = 0.01, .freedom = 1}, 0) >
	            0.1);
}

/* Rounds that were made because of the first ones: the mean is of all, the scatter of those. */
static void further_rounds_tell_of_the_mean_alone(void **state)
{
	struct estimate_round a[6], b[6];
	struct estimate first, all, apart;

	(void)state;
	fill(a, (const double[]){100, 102, 99, 101, 150, 160}, 6);
	fill(b, (const double[]){110, 111, 112, 109, 300, 200}, 6);
	for (int i = 4; i < 6; i++)
		a[i].further = b[i].further = true;
	first = estimate_log_ratio(a, 4, b, 4, true);
	all = estimate_log_ratio(a, 6, b, 6, true);
	assert_true(all.freedom == 3);
	assert_true(near(all.error, first.error * sqrt(4. / 6)));
	assert_true(near(all.value, (4 * first.value + log(2) + log(1.25)) / 6));
	apart = estimate_log_ratio(a, 6, b, 4, false);
	assert_true(apart.freedom == 3);
	assert_true(apart.error < estimate_log_ratio(a, 4, b, 4, false).error);
	first = estimate_difference(a, b, 4);
	all = estimate_difference(a, b, 6);
	assert_true(near(all.error, first.error * sqrt(4. / 6)) && all.freedom == 3);
	/* Of one that failed but for its further rounds, nothing shows the scatter. */
	a[0].further = a[1].further = a[2].further = true;
	assert_true(isnan(estimate_log_ratio(a, 6, b, 6, true).error) != 0);
}

static void a_single_round_has_a_value_alone(void **state)
{
	struct estimate_round a[3], b[1];
	struct estimate e;
	double low, high;

	(void)state;
	fill(a, (const double[]){100, 100, 101}, 3);
	fill(b, (const double[]){150}, 1);
	e = estimate_log_ratio(a, 3, b, 1, false);
	assert_true(e.value > 0.4);
	assert_true(isnan(e.error) != 0 && isnan(e.samples) != 0);
	estimate_interval(&e, 0.95, &low, &high);
	assert_true(isnan(low) != 0 && isnan(high) != 0);
	assert_true(isnan(estimate_p(&e, 0)) != 0 && isnan(estimate_p_above(&e, 0)) != 0);
}

/* The clock's part does not shrink with more rounds, and both sides have one. */
static void rounds_do_not_average_the_clock_away(void **state)
{
	struct estimate_round a[100], b[100];

	(void)state;
	for (int i = 0; i < 100; i++) {
		a[i] = round_of(i % 2 ? 200 : 210);
		b[i] = round_of(i % 3 ? 200 : 210);
		a[i].clock = b[i].clock = 10 / sqrt(12);
	}
	for (int paired = 0; paired < 2; paired++) {
		struct estimate e = estimate_log_ratio(a, 100, b, 100, paired);

		assert_true(e.clock > 0.019 && e.clock < 0.0205);
		assert_true(e.error > e.clock && e.error < 0.022);
	}
	assert_true(near(estimate_difference(a, b, 100).clock, 10 / sqrt(6)));
	assert_true(near(estimate_difference(a, NULL, 100).clock, 10 / sqrt(12)));
}

static void without_scatter_little_is_known(void **state)
{
	struct estimate_round a[4], b[4];

	(void)state;
	fill(a, (const double[]){100, 100, 100, 100}, 4);
	fill(b, (const double[]){101.1, 101.1, 101.1, 101.1}, 4);
	for (int paired = 0; paired < 2; paired++)
		assert_true(isnan(estimate_log_ratio(a, 4, b, 4, paired).error) != 0);
	for (int i = 0; i < 4; i++)
		a[i].clock = b[i].clock = 0.1;
	for (int paired = 0; paired < 2; paired++) {
		assert_true(isnan(estimate_log_ratio(a, 3, b, 3, paired).error) != 0);
		assert_true(near(estimate_log_ratio(a, 4, b, 4, paired).error,
		                 hypot(0.1 / 100, 0.1 / 101.1)));
	}
}

/* The noise of samples is in the rounds' centres already: it is told, and not added. */
static void the_noise_of_samples_counts_once(void **state)
{
	struct estimate_round a[4], b[4];
	struct estimate quiet, noisy;

	(void)state;
	fill(a, (const double[]){100, 100, 100, 100}, 4);
	fill(b, (const double[]){99, 101, 99, 101}, 4);
	quiet = estimate_log_ratio(a, 4, b, 4, true);
	for (int i = 0; i < 4; i++)
		b[i].samples = 0.5;
	noisy = estimate_log_ratio(a, 4, b, 4, true);
	assert_true(noisy.error == quiet.error && quiet.samples == 0);
	/* 0.5 % of each of 4 rounds against sd 1.155 % */
	assert_true(fabs(noisy.samples - 0.25 / 1.3333) < 0.001);
	for (int i = 0; i < 4; i++)
		a[i].samples = 5;
	assert_true(estimate_log_ratio(a, 4, b, 4, true).samples == 1);
}

static void differences_are_of_times(void **state)
{
	struct estimate_round a[3], b[3];
	struct estimate e;

	(void)state;
	fill(a, (const double[]){10, 21, 32}, 3);
	fill(b, (const double[]){9, 19, 29}, 3);
	e = estimate_difference(a, b, 3);
	assert_true(near(e.value, 2) && near(e.error, 1 / sqrt(3)) && e.freedom == 2);
	assert_true(near(estimate_difference(a, NULL, 3).value, 21));
}

/* The mean of logs; what the clock adds stays, what samples add shrinks. */
static void a_run_is_the_mean_of_its_rounds(void **state)
{
	struct estimate_round rounds[4], run;

	(void)state;
	fill(rounds, (const double[]){90, 100, 100, 100 / 0.9}, 4);
	for (int i = 0; i < 4; i++) {
		rounds[i].samples = 0.02 * rounds[i].ns;
		rounds[i].clock = 0.01 * rounds[i].ns;
	}
	run = estimate_run(rounds, 4);
	assert_true(near(run.ns, 100) && near(run.log, log(100)));
	assert_true(near(run.samples, 1) && near(run.clock, 1));
}

/* Two runs of before scatter by s = log(1.1) / sqrt(2); so does the one of now. */
static void a_single_run_scatters_as_the_others_do(void **state)
{
	struct estimate_round a[2], b[1];
	struct estimate e;

	(void)state;
	fill(a, (const double[]){100, 110}, 2);
	fill(b, (const double[]){120}, 1);
	e = estimate_runs(a, 2, b, 1);
	assert_true(near(e.value, log(120) - (log(100) + log(110)) / 2));
	assert_true(near(e.error, log(1.1) / sqrt(2) * sqrt(1.5)) && e.freedom == 1);
	e = estimate_runs(b, 1, a, 2);
	assert_true(near(e.error, log(1.1) / sqrt(2) * sqrt(1.5)) && e.freedom == 1);
}

/* R: p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.8), "BH"). */
static void the_correction_is_that_of_benjamini_and_hochberg(void **state)
{
	const double p[] = {0.01, 0.04, NAN, 0.03, 0.005, 0.8};
	const double expected[] = {0.025, 0.05, NAN, 0.05, 0.025, 0.8};
	double q[6];
	struct err e;

	(void)state;
	assert_int_equal(estimate_adjust(p, q, 6, &e), 0);
	for (int i = 0; i < 6; i++)
		assert_true(i == 2 ? isnan(q[i]) != 0 : fabs(q[i] - expected[i]) < 1e-12);
	assert_int_equal(estimate_adjust(p, q, 0, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(intervals_are_students),
	        cmocka_unit_test(sides_of_their_own_have_the_freedom_of_the_smaller),
	        cmocka_unit_test(further_rounds_tell_of_the_mean_alone),
	        cmocka_unit_test(a_single_round_has_a_value_alone),
	        cmocka_unit_test(rounds_do_not_average_the_clock_away),
	        cmocka_unit_test(without_scatter_little_is_known),
	        cmocka_unit_test(the_noise_of_samples_counts_once),
	        cmocka_unit_test(differences_are_of_times),
	        cmocka_unit_test(a_run_is_the_mean_of_its_rounds),
	        cmocka_unit_test(a_single_run_scatters_as_the_others_do),
	        cmocka_unit_test(the_correction_is_that_of_benjamini_and_hochberg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
