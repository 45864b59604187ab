/* SPDX-License-Identifier: MIT */
#include "analysis/decide/inside.h"

#include <math.h>

#include "tests/analysis/inside_fixture.h"

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

/* What cannot be told is no control: it may well be encrypted. */
static void what_is_not_known_is_no_control(void **state)
{
	struct fixture *f = *state;

	put(f, "unknown", "kvm", "shared", 1000);
	put(f, "unknown", "kvm", "private", 1060);
	put(f, "tdx", "kvm", "shared", 1000);
	put(f, "tdx", "kvm", "private", 1060);
	prepare(f);
	assert_int_equal(f->inside.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_false(f->inside.rows[i].control);
		assert_string_equal(inside_verdict(&f->inside, &f->inside.rows[i]), "slower");
	}
}

static void what_is_emulated_is_judged_as_a_control_alone(void **state)
{
	struct fixture *f = *state;

	put(f, "nosev", "tcg", "shared", 1000);
	put(f, "nosev", "tcg", "twin", 1000);
	put(f, "snp", "tcg", "shared", 1000);
	put(f, "snp", "tcg", "twin", 2000);
	prepare(f);
	assert_int_equal(f->inside.count, 2);
	assert_string_equal(inside_verdict(&f->inside, &f->inside.rows[0]), "equal");
	assert_string_equal(inside_verdict(&f->inside, &f->inside.rows[1]), "none");
}

/* Its interval excludes 1 and leaves the margin of 1 %: neither equal nor beyond it. */
static void a_control_that_leaves_its_margin_is_not_equal(void **state)
{
	struct fixture *f = *state;
	const struct inside_row *row;

	put(f, "nosev", "kvm", "shared", 1000);
	put(f, "nosev", "kvm", "twin", 1009.3);
	put(f, "sev", "kvm", "shared", 1000);
	put(f, "sev", "kvm", "twin", 1100);
	put(f, "snp", "kvm", "shared", 1000);
	put(f, "snp", "kvm", "twin", 1000);
	prepare(f);
	row = f->inside.rows;
	assert_true(row[0].low > 1 && row[0].high > 1.01 && row[0].ratio < 1.01);
	assert_string_equal(inside_verdict(&f->inside, &row[0]), "undecided");
	/* Corrected over the two that are not the same. */
	assert_true(fabs(row[0].q - row[0].p) < 1e-12);
	assert_true(fabs(row[1].q - fmin(row[0].p, 2 * row[1].p)) < 1e-12);
	assert_true(row[1].q > row[1].p && isnan(row[2].q) != 0);
}

/* Launches in which private memory takes half as long again, or eleven times. */
static void several_modes_have_no_interval(void **state)
{
	static const double slow[][ROUNDS] = {{1, 1.5, 1, 1.5, 1}, {10, 15, 10, 15, 10}};
	static const char *const words[] = {"undecided", "slower"};
	struct fixture *f = *state;
	struct synth row = synth_default;
	char note[INSIDE_NOTE], name[8];

	row.platform = "snp";
	row.accel = "kvm";
	row.variant = name;
	for (int i = 0; i < 2; i++)
		for (row.round = 1; row.round <= ROUNDS; row.round++) {
			snprintf(name, sizeof(name), "v%d", i);
			row.backing = "shared";
			row.ns = 10000 + row.round;
			synth_row(f->out, &row);
			row.backing = "twin";
			row.ns = (10000 + 2 * row.round) * slow[i][row.round - 1];
			synth_row(f->out, &row);
		}
	prepare(f);
	assert_int_equal(f->inside.count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct inside_row *r = &f->inside.rows[i];

		assert_true(isnan(r->low) && r->ratio > 1);
		assert_string_equal(inside_verdict(&f->inside, r), words[i]);
		assert_non_null(strstr(inside_note(&f->inside, r, note),
		                       "several modes: 3 of 5 rounds on private memory near "));
		assert_int_equal(strstr(note, "; slower all the same") != NULL, i);
	}
}

/* 300 cells that are equal, of rounds that scatter: once 13 of them were said to differ. */
static void few_of_many_controls_differ_by_chance(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	unsigned seed = 12345, differ = 0;
	char name[8];

	row.platform = "nosev";
	row.accel = "kvm";
	row.variant = name;
	for (int cell = 0; cell < 300; cell++)
		for (int backing = 0; backing < 2; backing++)
			for (row.round = 1; row.round <= ROUNDS; row.round++) {
				double noise = -6;

				for (int i = 0; i < 12; i++)
					noise += rand_r(&seed) / (RAND_MAX + 1.0);
				snprintf(name, sizeof(name), "v%d", cell);
				row.backing = backing ? "shared" : "twin";
				row.ns = 10000 * (1 + 0.02 * noise);
				synth_row(f->out, &row);
			}
	prepare(f);
	assert_int_equal(f->inside.count, 300);
	for (size_t i = 0; i < 300; i++)
		differ += !strcmp(inside_verdict(&f->inside, &f->inside.rows[i]), "DIFFERS");
	assert_true(differ <= 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(the_control_is_equal_and_encryption_costs),
	        T(what_is_emulated_is_judged_as_a_control_alone),
	        T(what_is_not_known_is_no_control),
	        T(a_control_that_leaves_its_margin_is_not_equal),
	        T(several_modes_have_no_interval),
	        T(few_of_many_controls_differ_by_chance),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
