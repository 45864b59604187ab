/* SPDX-License-Identifier: MIT */
#include "analysis/decide/power.h"

#include <math.h>

#include "tests/cmocka.h"

/* Of `rounds` whose logs scatter by `scatter`. */
static struct estimate of(double scatter, unsigned rounds)
{
	return (struct estimate){.error = scatter / sqrt(rounds), .freedom = rounds - 1};
}

static double rounds_for(double scatter, unsigned pilot, double margin)
{
	struct estimate e = of(scatter, pilot);

	return power_rounds(&e, pilot, 0.95, margin, 0.95);
}

/*
 * By hand from tables of t: 2.7764 + 2.1318 with 4 degrees of freedom, 2.2622 + 1.8331 with 9.
 * (0.02 x 4.9082 / log 1.03)^2 = 11.03; (0.05 x 4.0953 / log 1.03)^2 = 47.99.
 */
static void rounds_are_steins(void **state)
{
	(void)state;
	assert_true(rounds_for(0.02, 5, 0.03) == 12);
	assert_true(rounds_for(0.05, 10, 0.03) == 48);
	assert_true(rounds_for(0.02, 10, 0.03) == 10);
	assert_true(rounds_for(0.001, 5, 0.03) == 5);
	/* A twentieth of the margin takes 400 times as many, but for the logarithm. */
	assert_true(fabs(rounds_for(0.02, 5, 0.0015) / 4289 - 1) < 0.001);
}

static void more_power_takes_more_rounds(void **state)
{
	struct estimate e = of(0.03, 5);

	(void)state;
	/* t(0.8) of 4 degrees of freedom is 0.9410: (0.03 x 3.7174 / log 1.03)^2 = 14.2 */
	assert_true(power_rounds(&e, 5, 0.95, 0.03, 0.8) == 15);
	assert_true(power_rounds(&e, 5, 0.95, 0.03, 0.95) == 25);
}

static void the_clock_is_not_averaged_away(void **state)
{
	struct estimate e = of(0.01, 5);

	(void)state;
	e.clock = 0.004;
	e.error = hypot(e.error, e.clock);
	/* (0.01 / 4.9083)^2: the error that is left for the scatter is the root of e^2 - clock^2 */
	assert_true(power_rounds(&e, 5, 0.95, 0.03, 0.95) ==
	            ceil(1e-4 / (pow(log(1.03) / 4.908292, 2) - 0.004 * 0.004)));
	e.clock = 0.01;
	e.error = hypot(0.01 / sqrt(5), e.clock);
	assert_true(isinf(power_rounds(&e, 5, 0.95, 0.03, 0.95)) != 0);
	assert_string_equal(power_scatter(&e, true), "clock");
}

/* What is found with so many rounds is what they were made for. */
static void what_is_found_is_what_rounds_are_for(void **state)
{
	struct estimate e = of(0.02, 5);
	double finds = power_finds(&e, 0.95, 0.95);

	(void)state;
	assert_true(fabs(log1p(finds) / (4.908292 * 0.02 / sqrt(5)) - 1) < 1e-6);
	assert_true(power_rounds(&e, 5, 0.95, finds * 1.0001, 0.95) == 5);
	assert_true(power_rounds(&e, 5, 0.95, finds * 0.99, 0.95) == 6);
	e.error = 1e6;
	assert_true(isfinite(power_finds(&e, 0.95, 0.95)) != 0);
}

static void nothing_is_made_of_nothing(void **state)
{
	const struct estimate e = {.error = NAN, .freedom = 0};

	(void)state;
	assert_true(isnan(power_finds(&e, 0.95, 0.95)) != 0);
	assert_true(power_rounds(&e, 5, 0.95, 0.03, 0.95) == 5);
	assert_string_equal(power_scatter(&e, true), "");
}

static void scatter_has_a_name(void **state)
{
	struct estimate e = {.error = 0.01, .freedom = 4, .samples = 0.3};

	(void)state;
	assert_string_equal(power_scatter(&e, true), "launches");
	assert_string_equal(power_scatter(&e, false), "rounds");
	e.samples = 0.7;
	assert_string_equal(power_scatter(&e, true), "samples");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rounds_are_steins),
	        cmocka_unit_test(more_power_takes_more_rounds),
	        cmocka_unit_test(the_clock_is_not_averaged_away),
	        cmocka_unit_test(what_is_found_is_what_rounds_are_for),
	        cmocka_unit_test(nothing_is_made_of_nothing),
	        cmocka_unit_test(scatter_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
