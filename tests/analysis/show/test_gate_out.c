/* SPDX-License-Identifier: MIT */
#include "analysis/show/gate_out.h"

#include "tests/analysis/gate_fixture.h"

/* Lines that were wrapped, as one. */
static void unwrap(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		*to = *from;
		if (*to == '\n')
			*to = ' ';
		if (*to++ == ' ')
			from += strspn(from + 1, " ");
	}
	*to = '\0';
}

/* Each of them once passed with a status of 0. */
static void what_cannot_be_judged_is_named(void **state)
{
	static const struct pair pairs[] = {
	        {"a_all_failed", {STEADY}, {0}, 5, 0, NULL, 5},
	        {"b_some_failed", {STEADY}, {1000}, 5, 1, NULL, 4},
	        {"c_one_round", {STEADY}, {10000}, 5, 1, NULL, 0},
	        {"d_two_rounds", {STEADY}, {2000, 2600}, 5, 2, NULL, 0},
	        {"e_lost", {STEADY}, {0}, 5, 0, NULL, 0},
	        {"f_new", {0}, {STEADY}, 0, 5, NULL, 0},
	        {"g_tcg", {STEADY}, {STEADY}, 5, 5, "tcg", 0},
	        {"h_zero", {STEADY}, {0, 0, 0, 0, 0}, 5, 5, NULL, 0},
	        {"i_four_of_five", {STEADY}, {1000, 1001, 1002, 1000}, 5, 4, NULL, 1}};
	static const char *const reasons[] = {
	        ("a_all_failed size=1M threads=1 pages=4k backing=anon fill=random on nosev: "
	         "failed: it broke"),
	        "carries no interval",
	        "times as long, but not beyond the limit",
	        "e_lost",
	        "f_new",
	        "the reference was not measured",
	        "g_tcg",
	        "the clock did not advance",
	        "1 of 10 rounds failed"};
	struct fixture *f = *state;
	struct gate gate = judge(f, pairs, 9);
	FILE *out = fixture_page(f);

	assert_int_equal(gate.slower, 0);
	assert_int_equal(gate.unjudged, gate.count);
	assert_int_equal(gate_out_print(out, &gate, &f->e), 0);
	fclose(out);
	expect_narrow_ascii(f);
	unwrap(f->text);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (!strstr(f->text, reasons[i]))
			fail_msg("no \"%s\" in\n%s", reasons[i], f->text);
	gate_free(&gate);
}

/* Two rounds a side among many cells: no slowdown of this size is found, and it says so. */
static void rounds_that_cannot_tell_are_said(void **state)
{
	static const struct pair pairs[] = {
	        {"a", {1000, 1010}, {1001, 1012}, 2, 2, NULL, 0},
	        {"b", {1000, 1010}, {1003, 1008}, 2, 2, NULL, 0},
	        {"c", {STEADY}, {1020, 1021, 1019, 1022, 1018}, 5, 5, NULL, 0}};
	struct fixture *f = *state;
	struct gate gate = judge(f, pairs, 3);
	FILE *out = fixture_page(f);

	assert_int_equal(gate.unjudged, 0);
	assert_int_equal(gate.blind, 2);
	assert_int_equal(gate_out_print(out, &gate, &f->e), 0);
	fclose(out);
	assert_non_null(
	        strstr(f->text, "2 of those that passed may be slower by 6 % all the same"));
	gate_free(&gate);
}

static void the_list_is_bounded(void **state)
{
	static struct pair pairs[50];
	static char names[50][8];
	struct fixture *f = *state;
	struct gate gate;
	size_t lines = 0;
	FILE *out;

	for (size_t i = 0; i < 50; i++) {
		snprintf(names[i], sizeof(names[i]), "v%02zu", i);
		pairs[i] = (struct pair){names[i], {STEADY}, {0}, 5, 0, NULL, 0};
	}
	gate = judge(f, pairs, 50);
	out = fixture_page(f);
	assert_int_equal(gate_out_print(out, &gate, &f->e), 0);
	fclose(out);
	for (const char *c = f->text; *c; c++)
		lines += *c == '\n';
	assert_non_null(strstr(f->text, "not judged: 30 more"));
	assert_true(lines < 50);
	gate_free(&gate);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(what_cannot_be_judged_is_named),
	        T(rounds_that_cannot_tell_are_said),
	        T(the_list_is_bounded),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
