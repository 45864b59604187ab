/* SPDX-License-Identifier: MIT */
#include "analysis/decide/neighbours.h"

#include <math.h>

#include "tests/analysis/neighbours_fixture.h"

/* One guest a fifth slower, one a half: together 1/1.2 + 1/1.5 of one alone, whatever drifts. */
static void each_and_all_are_told_of_one_alone(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put(f, 0, 1200, ROUNDS);
	put(f, 1, 1500, ROUNDS);
	put(f, NEIGHBOURS_ALONE, 1000, ROUNDS);
	n = make(f, 2);
	assert_int_equal(n.count, 1);
	assert_int_equal(n.rows[0].rounds, ROUNDS);
	assert_int_equal(n.rows[0].rounds_alone, ROUNDS);
	assert_true(fabs(n.rows[0].share[0].of_alone.value - 1 / 1.2) < 1e-6);
	assert_true(fabs(n.rows[0].share[1].of_alone.value - 1 / 1.5) < 1e-6);
	assert_true(fabs(n.rows[0].share[2].of_alone.value - 1.5) < 1e-6);
	assert_true(n.rows[0].share[2].of_alone.low > 1.49 &&
	            n.rows[0].share[2].of_alone.high < 1.51);
	assert_true(fabs(n.rows[0].share[2].rate / n.rows[0].alone - 1.5) < 1e-6);
	neighbours_free(&n);
}

static void without_one_alone_there_are_rates_and_their_sum(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put(f, 0, 1000, 1);
	put(f, 1, 1000, 1);
	put(f, 2, 2000, 1);
	n = make(f, 3);
	assert_true(isnan(n.rows[0].alone) && isnan(n.rows[0].share[0].of_alone.value));
	assert_true(fabs(n.rows[0].share[3].rate / n.rows[0].share[0].rate - 2.5) < 1e-6);
	neighbours_free(&n);
}

static void one_round_has_no_interval(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put(f, 0, 1000, 1);
	put(f, 1, 1000, 1);
	put(f, NEIGHBOURS_ALONE, 500, 3);
	n = make(f, 2);
	assert_int_equal(n.rows[0].rounds_alone, 1);
	assert_true(fabs(n.rows[0].share[2].of_alone.value - 1) < 1e-6);
	assert_true(isnan(n.rows[0].share[2].of_alone.low));
	neighbours_free(&n);
}

/* Guests that did not measure the same rounds were no neighbours. */
static void rounds_that_a_guest_lacks_are_left_out(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put(f, 0, 1000, 4);
	put(f, 1, 1000, 2);
	n = make(f, 2);
	assert_int_equal(n.rows[0].rounds, 2);
	neighbours_free(&n);
}

static void a_cell_of_one_guest_only_is_counted_apart(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put(f, 0, 1000, 2);
	n = make(f, 2);
	assert_int_equal(n.count, 0);
	assert_int_equal(n.apart, 1);
	neighbours_free(&n);
}

/* Nothing vanishes: neither what no guest can measure, nor what one cannot. */
static void skipped_cells_are_counted(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put_skipped(f, 0, "avx2");
	put(f, 1, 1000, ROUNDS);
	put_skipped(f, 0, "avx512");
	put_skipped(f, 1, "avx512");
	n = make(f, 2);
	assert_int_equal(n.count, 0);
	assert_int_equal(n.apart, 2);
	neighbours_free(&n);
}

/*
 * Plain: 1/1.2 + 1/1.5 = 1.5 of one alone, a share of 0.75. Encrypted: 1.1/2.2 + 1.1/1.375 = 1.3, a
 * share of 0.65, which is 13/15 of the other.
 */
static void encryption_shows_in_what_neighbours_cost(void **state)
{
	static const double plain[] = {1000, 1200, 1500}, encrypted[] = {1100, 2200, 1375};
	struct fixture *f = *state;
	const struct neighbours_row *snp;
	struct neighbours n;

	put_platform(f, "nosev", plain, NULL, ROUNDS);
	put_platform(f, "snp", encrypted, NULL, ROUNDS);
	n = make(f, 2);
	assert_int_equal(n.count, 2);
	snp = &n.rows[1];
	assert_int_equal(snp->first->platform, PLATFORM_SNP);
	assert_true(fabs(n.rows[0].kept.value - 0.75) < 1e-6);
	assert_true(isnan(n.rows[0].to_nosev.value));
	assert_true(fabs(snp->kept.value - 0.65) < 1e-6);
	assert_true(fabs(snp->to_nosev.value - 13.0 / 15) < 1e-6);
	assert_int_equal(snp->rounds_nosev, ROUNDS);
	neighbours_free(&n);
}

/*
 * Slower by 1/0.8, 1/0.9 and not at all in three rounds: the cube root of 0.72; the logs' standard
 * error is 0.064497, and Student's t of two degrees of freedom 4.3027.
 */
static void its_interval_is_that_of_the_rounds(void **state)
{
	static const double same[] = {1000, 1000, 1000}, slow[] = {1 / 0.8, 1 / 0.9, 1};
	struct fixture *f = *state;
	struct neighbours n;

	put_platform(f, "nosev", same, NULL, 3);
	put_platform(f, "sev", same, slow, 3);
	n = make(f, 2);
	assert_int_equal(n.count, 2);
	assert_true(fabs(n.rows[1].to_nosev.value - 0.896281) < 1e-5);
	assert_true(fabs(n.rows[1].to_nosev.low - 0.679224) < 1e-5);
	assert_true(fabs(n.rows[1].to_nosev.high - 1.182702) < 1e-5);
	neighbours_free(&n);
}

/* A round that one of the two lacks says nothing of the difference. */
static void only_rounds_of_both_are_set_against_one_another(void **state)
{
	static const double same[] = {1000, 1000, 1000}, slow[] = {2, 2, 1, 1};
	struct fixture *f = *state;
	struct neighbours n;

	put_platform(f, "nosev", same, NULL, 2);
	put_platform(f, "sev-es", same, slow, 4);
	n = make(f, 2);
	assert_int_equal(n.rows[1].rounds_alone, 4);
	assert_int_equal(n.rows[1].rounds_nosev, 2);
	assert_true(fabs(n.rows[1].to_nosev.value - 0.5) < 1e-6);
	neighbours_free(&n);
}

static void an_emulated_guest_is_nothing_to_compare_with(void **state)
{
	static const double same[] = {1000, 1000, 1000};
	static const unsigned sides[] = {NEIGHBOURS_ALONE, 0, 1};
	struct fixture *f = *state;
	struct neighbours n;

	put_platform(f, "snp", same, NULL, 2);
	for (unsigned i = 0; i < 3; i++)
		put_guest(f, &(struct guest){"nosev", "tcg", sides[i], 1000, NULL, 2});
	n = make(f, 2);
	assert_int_equal(n.count, 2);
	assert_true(isnan(n.rows[0].to_nosev.value) && isnan(n.rows[1].to_nosev.value));
	neighbours_free(&n);
}

/* Without one alone nobody knows what neighbours cost, encrypted or not. */
static void without_one_alone_nothing_is_set_against_nosev(void **state)
{
	static const double same[] = {1000, 1000, 1000};
	struct fixture *f = *state;
	struct neighbours n;

	put_platform(f, "nosev", same, NULL, 2);
	put_guest(f, &(struct guest){"snp", "kvm", 0, 1000, NULL, 2});
	put_guest(f, &(struct guest){"snp", "kvm", 1, 1000, NULL, 2});
	n = make(f, 2);
	assert_int_equal(n.count, 2);
	assert_int_equal(n.rows[1].rounds, 2);
	assert_true(isnan(n.rows[1].kept.value) && isnan(n.rows[1].to_nosev.value));
	neighbours_free(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(each_and_all_are_told_of_one_alone, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(without_one_alone_there_are_rates_and_their_sum,
	                                        set_up, tear_down),
	        cmocka_unit_test_setup_teardown(one_round_has_no_interval, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(rounds_that_a_guest_lacks_are_left_out, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(a_cell_of_one_guest_only_is_counted_apart, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(skipped_cells_are_counted, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(encryption_shows_in_what_neighbours_cost, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(its_interval_is_that_of_the_rounds, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(only_rounds_of_both_are_set_against_one_another,
	                                        set_up, tear_down),
	        cmocka_unit_test_setup_teardown(an_emulated_guest_is_nothing_to_compare_with,
	                                        set_up, tear_down),
	        cmocka_unit_test_setup_teardown(without_one_alone_nothing_is_set_against_nosev,
	                                        set_up, tear_down),
	};

	return cmocka_run_group_tests_name("neighbours", tests, NULL, NULL);
}
