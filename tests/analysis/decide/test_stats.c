/* SPDX-License-Identifier: MIT */
#include "analysis/decide/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void close_to(double value, double expected)
{
	assert_true(fabs(value - expected) <= 1e-12 * fabs(expected));
}

/* The expected values are R's quantile(x, q, type = 7). */
static void quantiles_are_of_type_7(void **state)
{
	const double x[] = {1, 2, 4, 8, 16};

	(void)state;
	close_to(stats_quantile(x, 5, 0), 1);
	close_to(stats_quantile(x, 5, 0.5), 4);
	close_to(stats_quantile(x, 5, 0.9), 12.8);
	close_to(stats_quantile(x, 5, 0.99), 15.68);
	close_to(stats_quantile(x, 5, 1), 16);
	close_to(stats_quantile(x, 4, 0.5), 3);
	close_to(stats_quantile(x, 1, 0.999), 1);
}

static void a_median_needs_no_order(void **state)
{
	double odd[] = {9, 1, 5}, even[] = {4, 1, 3, 2}, one[] = {7}, equal[] = {3, 3, 3, 3};

	(void)state;
	close_to(stats_median(odd, 3), 5);
	close_to(stats_median(even, 4), 2.5);
	close_to(stats_median(one, 1), 7);
	close_to(stats_median(equal, 4), 3);
}

static void a_mad_ignores_an_outlier(void **state)
{
	double x[] = {1, 1, 2, 2, 4, 6, 9}; /* the textbook example: MAD 1 */
	double y[] = {10, 11, 9, 1e9, 10};

	(void)state;
	close_to(stats_mad(x, 7, 2), 1);
	close_to(stats_mad(y, 5, 10), 1);
}

static void a_geometric_mean_undoes_a_ratio(void **state)
{
	const double x[] = {0.5, 2, 1}, big[] = {1e300, 1e300, 1e300};

	(void)state;
	assert_true(fabs(stats_geometric_mean(x, 3) - 1) < 1e-12);
	assert_true(fabs(stats_geometric_mean(big, 3) / 1e300 - 1) < 1e-9);
}

static void of_nothing_comes_nan(void **state)
{
	(void)state;
	assert_true(isnan(stats_quantile(NULL, 0, 0.5)));
	assert_true(isnan(stats_median(NULL, 0)));
	assert_true(isnan(stats_mad(NULL, 0, 1)));
	assert_true(isnan(stats_geometric_mean(NULL, 0)));
}

/* k = round(50.5 - 2.576 * 5) = 38 of 100, and from the least on where they are few. */
static void the_error_of_a_median_is_mckean_and_schraders(void **state)
{
	double x[100];

	(void)state;
	for (int i = 0; i < 100; i++)
		x[i] = i * i;
	assert_true(fabs(stats_median_error(x, 100) - (62 * 62 - 37 * 37) / 5.1516586) < 1e-6);
	assert_true(fabs(stats_median_error(x, 3) - 4 / 5.1516586) < 1e-6);
	assert_true(stats_median_error(x, 1) == 0);
}

static void sorting_ascends(void **state)
{
	double x[] = {3, -1, 2, 0.5};

	(void)state;
	stats_sort(x, 4);
	for (int i = 1; i < 4; i++)
		assert_true(x[i - 1] < x[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(quantiles_are_of_type_7),
	        cmocka_unit_test(a_median_needs_no_order),
	        cmocka_unit_test(a_mad_ignores_an_outlier),
	        cmocka_unit_test(a_geometric_mean_undoes_a_ratio),
	        cmocka_unit_test(of_nothing_comes_nan),
	        cmocka_unit_test(the_error_of_a_median_is_mckean_and_schraders),
	        cmocka_unit_test(sorting_ascends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
