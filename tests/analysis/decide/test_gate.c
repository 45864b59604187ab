/* SPDX-License-Identifier: MIT */
#include "analysis/decide/gate.h"

#include <math.h>

#include "tests/analysis/gate_fixture.h"

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

/* Launches of two kinds, and every round of now beyond every round of before. */
static void several_modes_take_no_obvious_verdict_away(void **state)
{
	static const struct pair pairs[] = {
	        {"a", {STEADY}, {50000, 75000, 50100, 75100, 50050}, 5, 5, NULL, 0},
	        {"b", {STEADY}, {500, 750, 501, 751, 501}, 5, 5, NULL, 0},
	        {"c", {STEADY}, {1000, 1500, 1001, 1501, 999}, 5, 5, NULL, 0}};
	static const char *const words[] = {"slower", "passed", "not judged"};
	struct fixture *f = *state;
	struct gate gate = judge(f, pairs, 3);

	for (size_t i = 0; i < 3; i++) {
		const struct compare_cell *cell = &f->compare.cells[i];

		assert_string_equal(gate_word(&gate.rows[i]), words[i]);
		assert_non_null(
		        strstr(cell->note, "several modes: 3 of 5 rounds of nosev now near "));
		assert_true(isnan(cell->low));
	}
	assert_non_null(strstr(f->compare.cells[0].note,
	                       "; slower all the same: every round of one side lies beyond every "
	                       "round of the other"));
	gate_free(&gate);
}

/* CPUID that does not leave the guest any more; and what was not measured in some rounds. */
static void what_was_not_measured_as_it_must_is_not_judged(void **state)
{
	struct fixture *f = *state;
	struct synth row = guest();
	struct gate gate;
	char *old, why[GATE_TEXT];
	FILE *out = synth_file(f->directory, "old.csv", &old);

	synth_header(out);
	row.iterations = 10000;
	put(out, row, ROUNDS(STEADY));
	put(f->out, row, ROUNDS(STEADY));
	row.iterations = 0;
	row.status = "skipped";
	row.reason = "no memory";
	row.round = 6;
	synth_row(f->out, &row);
	row = guest();
	row.iterations = 10000;
	row.kernel = "cpuid";
	row.variant = "0x0";
	row.size = 0;
	row.exits = 1;
	put(out, row, ROUNDS(STEADY));
	row.exits = 0.01;
	put(f->out, row, ROUNDS(STEADY));
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
	assert_int_equal(gate.unjudged, 2);
	assert_string_equal(gate_why(&gate, &gate.rows[0], why),
	                    "exits are wrong in 5 of 10 rounds: it does not measure what it says");
	assert_string_equal(gate_why(&gate, &gate.rows[1], why),
	                    "1 of 11 rounds failed or were skipped");
	gate_free(&gate);
}

/* Two rounds a side among many cells: no slowdown of this size is found, and it says so. */
static void rounds_that_cannot_tell_are_counted(void **state)
{
	static const struct pair pairs[] = {
	        {"a", {1000, 1010}, {1001, 1012}, 2, 2, NULL, 0},
	        {"b", {1000, 1010}, {1003, 1008}, 2, 2, NULL, 0},
	        {"c", {STEADY}, {1020, 1021, 1019, 1022, 1018}, 5, 5, NULL, 0}};
	struct gate gate = judge(*state, pairs, 3);

	assert_int_equal(gate.unjudged, 0);
	assert_int_equal(gate.blind, 2);
	assert_true(fabs(gate.least - 0.05 / 3) < 1e-12);
	gate_free(&gate);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(what_did_not_change_passes),
	        T(slower_is_tested_against_the_limit),
	        T(several_modes_take_no_obvious_verdict_away),
	        T(what_was_not_measured_as_it_must_is_not_judged),
	        T(rounds_that_cannot_tell_are_counted),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
