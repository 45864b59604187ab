/* SPDX-License-Identifier: MIT */
#include "analysis/decide/clusters.h"

#include <math.h>

#include "tests/cmocka.h"

static void add(struct clusters *c, uint32_t run, uint32_t round, double value)
{
	const struct samples_group_key key = {.run = run, .round = round};

	assert_int_equal(clusters_add(c, &key, value), 0);
}

static void what_is_of_one_round_is_summed_before_it_is_squared(void **state)
{
	struct clusters c = {.count = 0};

	(void)state;
	add(&c, 1, 1, 3);
	add(&c, 1, 2, -1);
	add(&c, 2, 1, 2);
	add(&c, 1, 1, 4);
	clusters_fold(&c);
	assert_int_equal(c.count, 3);
	assert_true(clusters_squares(&c) == 49 + 1 + 4);
	clusters_free(&c);
}

/* 1 + 2^-53 is 1: a sum tells in which order it was made. */
static void sums_are_in_the_order_of_coming(void **state)
{
	const double grain = ldexp(1, -53);
	struct clusters c = {.count = 0};

	(void)state;
	for (uint32_t round = 1; round <= 50; round++) {
		add(&c, 1, round, 1);
		add(&c, 1, 50 + round, grain);
	}
	for (uint32_t i = 0; i < 100; i++)
		add(&c, 1, i + 1, grain);
	for (uint32_t round = 1; round <= 50; round++)
		add(&c, 1, round, grain);
	clusters_fold(&c);
	assert_int_equal(c.count, 100);
	for (size_t i = 0; i < 100; i++)
		assert_true(c.rounds[i].sum == (i < 50 ? 1 : 2 * grain));
	clusters_free(&c);
}

static void sets_are_joined(void **state)
{
	struct clusters all = {.count = 0}, one = {.count = 0};

	(void)state;
	clusters_fold(&all);
	assert_true(clusters_squares(&all) == 0);
	add(&one, 1, 1, 1);
	add(&one, 1, 2, 1);
	assert_int_equal(clusters_append(&all, &one), 0);
	assert_int_equal(clusters_append(&all, &one), 0);
	clusters_fold(&all);
	assert_true(all.count == 2 && clusters_squares(&all) == 8);
	clusters_free(&all);
	clusters_free(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_of_one_round_is_summed_before_it_is_squared),
	        cmocka_unit_test(sums_are_in_the_order_of_coming),
	        cmocka_unit_test(sets_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
