/* SPDX-License-Identifier: MIT */
#include "analysis/neighbours.h"

#include <errno.h>
#include <math.h>

#include "tests/analysis/fixture.h"

#define ROUNDS 5

/* One file of one guest (or of one alone), each round at its own speed. */
static void put(struct fixture *f, const char *name, unsigned side, double ns, unsigned rounds)
{
	static const double drift[ROUNDS] = {1, 1.2, 0.8, 1.1, 0.9};
	struct synth row = synth_default;
	char *path;
	FILE *out = synth_file(f->directory, name, &path);

	synth_header(out);
	for (row.round = 1; row.round <= rounds; row.round++) {
		for (row.sample = 0; row.sample < 9; row.sample++) {
			row.ns = 10 * ns * drift[row.round - 1] *
			         (1 + ((double)row.sample - 4) / 4000);
			synth_row(out, &row);
		}
	}
	fclose(out);
	assert_int_equal(reader_read(&f->samples, path, side, false, &f->e), 0);
	free(path);
}

static struct neighbours make(struct fixture *f, unsigned guests)
{
	struct neighbours n;

	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	assert_int_equal(neighbours_make(&f->summary, guests, &n, &f->e), 0);
	return n;
}

/* One guest a fifth slower, one a half: together 1/1.2 + 1/1.5 of one alone, whatever drifts. */
static void each_and_all_are_told_of_one_alone(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;
	FILE *out;

	put(f, "g0.csv", 0, 1200, ROUNDS);
	put(f, "g1.csv", 1, 1500, ROUNDS);
	put(f, "alone.csv", NEIGHBOURS_ALONE, 1000, ROUNDS);
	n = make(f, 2);
	assert_int_equal(n.count, 1);
	assert_int_equal(n.rows[0].rounds, ROUNDS);
	assert_int_equal(n.rows[0].rounds_alone, ROUNDS);
	assert_true(fabs(n.rows[0].share[0].of_alone - 1 / 1.2) < 1e-6);
	assert_true(fabs(n.rows[0].share[1].of_alone - 1 / 1.5) < 1e-6);
	assert_true(fabs(n.rows[0].share[2].of_alone - 1.5) < 1e-6);
	assert_true(n.rows[0].share[2].low > 1.49 && n.rows[0].share[2].high < 1.51);
	assert_true(fabs(n.rows[0].share[2].rate / n.rows[0].alone - 1.5) < 1e-6);
	out = fixture_page(f);
	assert_int_equal(neighbours_print(out, &n, &f->e), 0);
	fclose(out);
	expect_narrow_ascii(f);
	assert_non_null(strstr(f->text, "guest 1"));
	assert_non_null(strstr(f->text, "all 2"));
	assert_non_null(strstr(f->text, "  1.500 [1.500, 1.500]"));
	neighbours_free(&n);
}

static void without_one_alone_there_are_rates_and_their_sum(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put(f, "g0.csv", 0, 1000, 1);
	put(f, "g1.csv", 1, 1000, 1);
	put(f, "g2.csv", 2, 2000, 1);
	n = make(f, 3);
	assert_true(isnan(n.rows[0].alone) && isnan(n.rows[0].share[0].of_alone));
	assert_true(fabs(n.rows[0].share[3].rate / n.rows[0].share[0].rate - 2.5) < 1e-6);
	neighbours_free(&n);
}

static void one_round_has_no_interval(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put(f, "g0.csv", 0, 1000, 1);
	put(f, "g1.csv", 1, 1000, 1);
	put(f, "alone.csv", NEIGHBOURS_ALONE, 500, 3);
	n = make(f, 2);
	assert_int_equal(n.rows[0].rounds_alone, 1);
	assert_true(fabs(n.rows[0].share[2].of_alone - 1) < 1e-6);
	assert_true(isnan(n.rows[0].share[2].low));
	neighbours_free(&n);
}

/* Guests that did not measure the same rounds were no neighbours. */
static void rounds_that_a_guest_lacks_are_left_out(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put(f, "g0.csv", 0, 1000, 4);
	put(f, "g1.csv", 1, 1000, 2);
	n = make(f, 2);
	assert_int_equal(n.rows[0].rounds, 2);
	neighbours_free(&n);
}

static void a_cell_of_one_guest_only_is_counted_apart(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put(f, "g0.csv", 0, 1000, 2);
	n = make(f, 2);
	assert_int_equal(n.count, 0);
	assert_int_equal(n.apart, 1);
	neighbours_free(&n);
}

static void the_csv_has_each_and_all_and_one_alone(void **state)
{
	struct fixture *f = *state;
	char path[256], line[512];
	struct neighbours n;
	unsigned lines = 0;
	FILE *csv;

	put(f, "g0.csv", 0, 1000, 2);
	put(f, "g1.csv", 1, 1000, 2);
	put(f, "alone.csv", NEIGHBOURS_ALONE, 1000, 2);
	n = make(f, 2);
	snprintf(path, sizeof(path), "%s/neighbours.csv", f->directory);
	assert_int_equal(neighbours_write(&n, path, &f->e), 0);
	csv = fopen(path, "re");
	assert_non_null(csv);
	while (fgets(line, sizeof(line), csv)) {
		unsigned commas = 0;

		for (const char *c = line; *c; c++)
			commas += *c == ',';
		assert_int_equal(commas, 18);
		lines++;
	}
	fclose(csv);
	assert_int_equal(lines, 5);
	assert_int_equal(neighbours_write(&n, path, &f->e), -EEXIST);
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
	        cmocka_unit_test_setup_teardown(the_csv_has_each_and_all_and_one_alone, set_up,
	                                        tear_down),
	};

	return cmocka_run_group_tests_name("neighbours", tests, NULL, NULL);
}
