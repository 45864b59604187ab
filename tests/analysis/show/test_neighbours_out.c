/* SPDX-License-Identifier: MIT */
#include "analysis/show/neighbours_out.h"

#include <errno.h>
#include <math.h>

#include "tests/analysis/neighbours_fixture.h"

static void each_and_all_are_printed(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;
	FILE *out;

	put(f, 0, 1200, ROUNDS);
	put(f, 1, 1500, ROUNDS);
	put(f, NEIGHBOURS_ALONE, 1000, ROUNDS);
	n = make(f, 2);
	out = fixture_page(f);
	assert_int_equal(neighbours_out_print(out, &n, &f->e), 0);
	fclose(out);
	expect_narrow_ascii(f);
	assert_non_null(strstr(f->text, "guest 1"));
	assert_non_null(strstr(f->text, "all 2"));
	assert_non_null(strstr(f->text, "  1.500 [1.500, 1.500]    0.750 [0.750, 0.750]\n"));
	assert_null(strstr(f->text, "to nosev"));
	neighbours_free(&n);
}

static void skipped_cells_say_why(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;
	FILE *out;

	put_skipped(f, 0, "avx2");
	put(f, 1, 1000, ROUNDS);
	put_skipped(f, 0, "avx512");
	put_skipped(f, 1, "avx512");
	n = make(f, 2);
	out = fixture_page(f);
	assert_int_equal(neighbours_out_print(out, &n, &f->e), 0);
	fclose(out);
	expect_narrow_ascii(f);
	assert_non_null(strstr(f->text, "2 cells are left out: no round has them of every guest.\n"
	                                "[1] skipped on native: the CPU has no such thing\n"));
	assert_null(strstr(f->text, "[2]"));
	neighbours_free(&n);
}

static void encryption_has_a_column(void **state)
{
	static const double plain[] = {1000, 1200, 1500}, encrypted[] = {1100, 2200, 1375};
	struct fixture *f = *state;
	struct neighbours n;
	FILE *out;

	put_platform(f, "nosev", plain, NULL, ROUNDS);
	put_platform(f, "snp", encrypted, NULL, ROUNDS);
	n = make(f, 2);
	out = fixture_page(f);
	assert_int_equal(neighbours_out_print(out, &n, &f->e), 0);
	fclose(out);
	expect_narrow_ascii(f);
	assert_non_null(strstr(f->text, "to nosev"));
	assert_non_null(strstr(f->text, "  0.650 [0.650, 0.650]    0.867 [0.867, 0.867]\n"));
	neighbours_free(&n);
}

/* Guests that take half as long again in two of five launches. */
static void several_modes_have_no_interval(void **state)
{
	static const double slow[ROUNDS] = {1, 1.5, 1, 1.5, 1};
	struct fixture *f = *state;
	struct neighbours n;
	FILE *out;

	put_guest(f, &(struct guest){"snp", "kvm", 0, 1000, slow, 5});
	put_guest(f, &(struct guest){"snp", "kvm", 1, 1000, slow, 5});
	put_guest(f, &(struct guest){"snp", "kvm", NEIGHBOURS_ALONE, 1000, NULL, 5});
	n = make(f, 2);
	assert_int_equal(n.rows[0].kept.modes.of, MODES_OF_BOTH);
	assert_true(isnan(n.rows[0].kept.low) && n.rows[0].kept.value > 0.5);
	out = fixture_page(f);
	assert_int_equal(neighbours_out_print(out, &n, &f->e), 0);
	fclose(out);
	expect_narrow_ascii(f);
	assert_non_null(strstr(f->text, "several modes: 2 of 5 rounds near "));
	neighbours_free(&n);
}

static void an_emulated_guest_is_marked(void **state)
{
	static const double same[] = {1000, 1000, 1000};
	static const unsigned sides[] = {NEIGHBOURS_ALONE, 0, 1};
	struct fixture *f = *state;
	struct neighbours n;
	FILE *out;

	put_platform(f, "snp", same, NULL, 2);
	for (unsigned i = 0; i < 3; i++)
		put_guest(f, &(struct guest){"nosev", "tcg", sides[i], 1000, NULL, 2});
	n = make(f, 2);
	out = fixture_page(f);
	assert_int_equal(neighbours_out_print(out, &n, &f->e), 0);
	fclose(out);
	assert_null(strstr(f->text, "to nosev"));
	assert_non_null(strstr(f->text, "nosev (emulated), 2 rounds"));
	assert_non_null(strstr(f->text, "no costs of hardware"));
	neighbours_free(&n);
}

static void the_csv_has_each_and_all_and_one_alone(void **state)
{
	struct fixture *f = *state;
	char path[256], line[512];
	struct neighbours n;
	unsigned lines = 0;
	FILE *csv;

	put(f, 0, 1000, 2);
	put(f, 1, 1000, 2);
	put(f, NEIGHBOURS_ALONE, 1000, 2);
	n = make(f, 2);
	snprintf(path, sizeof(path), "%s/neighbours.csv", f->directory);
	assert_int_equal(neighbours_out_write(&n, path, false, &f->e), 0);
	csv = fopen(path, "re");
	assert_non_null(csv);
	while (fgets(line, sizeof(line), csv)) {
		unsigned commas = 0;

		for (const char *c = line; *c; c++)
			commas += *c == ',';
		assert_int_equal(commas, 25);
		lines++;
	}
	fclose(csv);
	assert_int_equal(lines, 5);
	assert_int_equal(neighbours_out_write(&n, path, false, &f->e), -EEXIST);
	neighbours_free(&n);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(each_and_all_are_printed),    T(skipped_cells_say_why),
	        T(encryption_has_a_column),     T(several_modes_have_no_interval),
	        T(an_emulated_guest_is_marked), T(the_csv_has_each_and_all_and_one_alone),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
