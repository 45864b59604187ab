/* SPDX-License-Identifier: MIT */
#include "analysis/decide/inside.h"

#include <math.h>

#include "tests/analysis/fixture.h"

#define ROUNDS 5

/* Rounds that drift by 2 % together, and samples that differ by a thousandth. */
static void put(struct fixture *f, const char *platform, const char *accel, const char *backing,
                double ns)
{
	static const double drift[ROUNDS] = {1, 1.02, 0.98, 1.01, 0.99};
	static const double own[2][ROUNDS] = {{1, 1.001, 1, 0.999, 1}, {0.999, 1, 1, 1, 1.001}};
	struct synth row = synth_default;

	row.platform = platform;
	row.accel = accel;
	row.backing = backing;
	for (row.round = 1; row.round <= ROUNDS; row.round++) {
		for (row.sample = 0; row.sample < 9; row.sample++) {
			row.ns = 10 * ns * drift[row.round - 1] *
			         own[backing[0] == 's'][row.round - 1] *
			         (1 + ((double)row.sample - 4) / 4000);
			synth_row(f->out, &row);
		}
	}
}

static void prepare(struct fixture *f)
{
	fixture_summarise(f);
	assert_int_equal(inside_make(&f->summary, &f->options, &f->inside, &f->e), 0);
}

static void the_control_is_equal_and_encryption_costs(void **state)
{
	struct fixture *f = *state;
	const struct inside_row *rows;

	put(f, "nosev", "kvm", "shared", 1000);
	put(f, "nosev", "kvm", "twin", 1000);
	put(f, "nosev", "kvm", "private", 700); /* another kind of pages: the twin is taken */
	put(f, "snp", "kvm", "shared", 1000);
	put(f, "snp", "kvm", "twin", 1060);
	put(f, "sev", "kvm", "shared", 1000); /* without a partner */
	prepare(f);
	assert_int_equal(f->inside.count, 2);
	rows = f->inside.rows;
	assert_true(rows[0].control && rows[0].private->platform == PLATFORM_NOSEV);
	assert_true(fabs(rows[0].ratio - 1) < 0.001 && rows[0].low < 1 && rows[0].high > 1);
	assert_string_equal(inside_verdict(&f->inside, &rows[0]), "equal");
	assert_false(rows[1].control);
	assert_true(fabs(rows[1].ratio - 1.06) < 0.001);
	assert_int_equal(rows[1].rounds, ROUNDS);
	assert_string_equal(inside_verdict(&f->inside, &rows[1]), "slower");
}

/* f->text is what is printed of it. */
static void print(struct fixture *f)
{
	FILE *out = fixture_page(f);

	assert_int_equal(inside_print(out, &f->inside, &f->e), 0);
	fclose(out);
}

static void a_control_that_differs_says_so(void **state)
{
	struct fixture *f = *state;

	put(f, "nosev", "tcg", "shared", 1000);
	put(f, "nosev", "tcg", "private", 1050);
	prepare(f);
	assert_int_equal(f->inside.count, 1);
	print(f);
	assert_non_null(strstr(f->text, " nosev*  private 1.050 [1.0"));
	assert_non_null(strstr(f->text, "control: DIFFERS\n"));
	expect_narrow_ascii(f);
}

static void without_shared_memory_nothing_is_said(void **state)
{
	struct fixture *f = *state;

	put(f, "nosev", "kvm", "private", 1000);
	prepare(f);
	assert_int_equal(f->inside.count, 0);
	print(f);
	assert_string_equal(f->text, "");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(the_control_is_equal_and_encryption_costs),
	        T(a_control_that_differs_says_so),
	        T(without_shared_memory_nothing_is_said),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
