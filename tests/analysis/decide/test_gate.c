/* SPDX-License-Identifier: MIT */
#include "analysis/decide/gate.h"

#include <math.h>

#include "analysis/show/gate_out.h"
#include "tests/analysis/compare_fixture.h"

/* What is compared: five rounds of now and of before, unless a test says otherwise. */
struct pair {
	const char *variant;
	double before[5], now[5];
	unsigned before_rounds, now_rounds;
	const char *accel;
	unsigned failed; /* rounds now, beside those that did not */
};

static void put_failed(FILE *out, struct synth row, unsigned first, unsigned count)
{
	row.iterations = 0;
	row.status = "failed";
	row.reason = "it broke";
	for (row.round = first; row.round < first + count; row.round++)
		synth_row(out, &row);
}

/* Both directories, read, compared, and judged with a limit of 3 %. */
static struct gate judge(struct fixture *f, const struct pair *pairs, size_t count)
{
	struct synth row = guest();
	struct gate gate;
	char *old;
	FILE *out = synth_file(f->directory, "old.csv", &old);

	synth_header(out);
	row.iterations = 10000;
	for (size_t i = 0; i < count; i++) {
		row.variant = pairs[i].variant;
		row.accel = "kvm";
		put(out, row, pairs[i].before, pairs[i].before_rounds);
		row.accel = pairs[i].accel ? pairs[i].accel : "kvm";
		put(f->out, row, pairs[i].now, pairs[i].now_rounds);
		put_failed(f->out, row, pairs[i].now_rounds + 1, pairs[i].failed);
	}
	fclose(out);
	fixture_close(f);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
	assert_int_equal(reader_read(&f->samples, old, 1, false, &f->e), 0);
	free(old);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	f->options.sides = true;
	assert_int_equal(compare_make(&f->summary, &f->options, &f->compare, &f->e), 0);
	assert_int_equal(gate_make(&f->compare, 0.03, &gate, &f->e), 0);
	return gate;
}

/* Lines that were wrapped, as one. */
static void unwrap(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		*to++ = *from == '\n' ? ' ' : *from;
		if (to[-1] == ' ')
			from += strspn(from + 1, " ");
	}
	*to = '\0';
}

#define STEADY 1000, 1001, 999, 1000, 1001

static void what_did_not_change_passes(void **state)
{
	static const struct pair pairs[] = {
	        {"a", {STEADY}, {1001, 1000, 999, 1001, 1000}, 5, 5, NULL, 0},
	        {"b", {STEADY}, {1020, 1021, 1019, 1022, 1018}, 5, 5, NULL, 0}};
	struct gate gate = judge(*state, pairs, 2);

	assert_int_equal(gate.count, 2);
	assert_int_equal(gate.slower + gate.unjudged + gate.blind, 0);
	assert_string_equal(gate_word(&gate.rows[0]), "passed");
	gate_free(&gate);
}

/* One is beyond 3 %; the other is slower for certain, and above 3 % by its point estimate alone. */
static void slower_is_tested_against_the_limit(void **state)
{
	static const struct pair pairs[] = {
	        {"a", {STEADY}, {1050, 1051, 1049, 1052, 1048}, 5, 5, NULL, 0},
	        {"b", {STEADY}, {1031, 1025, 1037, 1028, 1035}, 5, 5, NULL, 0}};
	struct fixture *f = *state;
	struct gate gate = judge(f, pairs, 2);
	char why[GATE_TEXT];

	assert_int_equal(f->compare.cells[1].verdict, COMPARE_SLOWER);
	assert_int_equal(gate.slower, 1);
	assert_string_equal(gate_word(&gate.rows[0]), "slower");
	assert_true(gate.rows[1].q > 0.05);
	assert_string_equal(gate_word(&gate.rows[1]), "not judged");
	assert_non_null(strstr(gate_why(&gate, &gate.rows[1], why), "1.03 times as long"));
	gate_free(&gate);
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
	        "a_all_failed size=1M threads=1 pages=4k backing=anon fill=random on nosev: "
	        "failed: it broke",
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
static void rounds_that_cannot_tell_are_counted(void **state)
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
	assert_true(fabs(gate.least - 0.05 / 3) < 1e-12);
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
	        T(what_did_not_change_passes),
	        T(slower_is_tested_against_the_limit),
	        T(what_cannot_be_judged_is_named),
	        T(rounds_that_cannot_tell_are_counted),
	        T(the_list_is_bounded),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
