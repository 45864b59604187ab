/* SPDX-License-Identifier: MIT */
#include "analysis/decide/compare.h"

#include <errno.h>
#include <math.h>

#include "tests/analysis/compare_fixture.h"
#include "tests/analysis/truth.h"

static void the_ratio_is_the_mean_of_the_rounds_ratios(void **state)
{
	struct fixture *f = *state;
	const struct compare_cell *c;

	put(f->out, synth_default, ROUNDS(100, 110, 120, 130));
	put(f->out, guest(), ROUNDS(200, 220, 240, 260));
	assert_int_equal(finish(f), 0);
	assert_int_equal(f->compare.cell_count, 1);
	c = f->compare.cells;
	assert_true(fabs(c->ratio - 2) < 1e-9);
	assert_true(c->paired);
	assert_int_equal(c->rounds, 4);
	assert_true(c->low > 1.9 && c->low < 2 && c->high > 2 && c->high < 2.1);
	assert_true(c->q == c->p && c->q < 1e-4);
	assert_int_equal(c->verdict, COMPARE_SLOWER);
	assert_string_equal(c->note, "");
	assert_int_equal(slower_by(f, 0.9), 1);
	assert_int_equal(slower_by(f, 1.0001), 0);
}

static void verdicts_follow_margin_and_interval(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default, other = guest();
	static const char *const names[] = {"a_same", "b_faster", "c_undecided", "d_margin"};
	static const double times[][5] = {{100, 100, 100, 100, 100},
	                                  {80, 81, 79, 80, 80},
	                                  {100, 140, 90, 110, 70},
	                                  {106, 105, 104, 105, 105}};
	static const enum compare_verdict expected[] = {COMPARE_SAME, COMPARE_FASTER,
	                                                COMPARE_UNDECIDED, COMPARE_SAME};

	f->options.margin = 0.1;
	for (int i = 0; i < 4; i++) {
		row.variant = other.variant = names[i];
		put(f->out, row, ROUNDS(100, 100, 100, 100, 100));
		put(f->out, other, times[i], 5);
	}
	assert_int_equal(finish(f), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(f->compare.cells[i].verdict, expected[i]);
	assert_int_equal(f->compare.kernel_count, 1);
	assert_int_equal(f->compare.kernels[0].cells, 4);
	assert_int_equal(f->compare.kernels[0].verdicts[COMPARE_SAME], 2);
}

static void one_round_has_no_interval_and_says_so(void **state)
{
	struct fixture *f = *state;
	const struct compare_cell *c;

	put(f->out, synth_default, ROUNDS(100));
	put(f->out, guest(), ROUNDS(150));
	assert_int_equal(finish(f), 0);
	c = f->compare.cells;
	assert_true(fabs(c->ratio - 1.5) < 1e-9);
	assert_true(isnan(c->low) != 0 && isnan(c->p) != 0);
	assert_int_equal(c->verdict, COMPARE_UNDECIDED);
	assert_non_null(strstr(c->note, "one round"));
	assert_true(fabs(f->compare.kernels[0].ratio - 1.5) < 1e-9);
	assert_true(isnan(f->compare.kernels[0].low) != 0);
}

/* Its times are those of an emulator: on neither side are they a cost of anything. */
static void what_is_emulated_gets_no_verdict(void **state)
{
	struct fixture *f = *state;
	struct synth row = guest();

	put(f->out, synth_default, ROUNDS(100, 110, 120, 130));
	row.accel = "tcg";
	put(f->out, row, ROUNDS(200, 220, 240, 260));
	assert_int_equal(finish(f), 0);
	assert_true(fabs(f->compare.cells[0].ratio - 2) < 1e-9);
	assert_int_equal(f->compare.cells[0].verdict, COMPARE_NONE);
	assert_true(isnan(f->compare.cells[0].q) != 0);
	assert_int_equal(f->compare.kernels[0].verdicts[COMPARE_NONE], 1);
	assert_int_equal(slower_by(f, 0), 0);
	compare_free(&f->compare);
	f->options.reference = PLATFORM_NOSEV;
	assert_int_equal(compare_make(&f->summary, &f->options, &f->compare, &f->e), 0);
	assert_int_equal(f->compare.cells[0].verdict, COMPARE_NONE);
}

/* Two rounds of a sample each that agree to the last digit: nobody knows how launches differ. */
static void rounds_without_scatter_pass_no_verdict(void **state)
{
	struct fixture *f = *state;

	put(f->out, synth_default, ROUNDS(1000, 1000));
	put(f->out, guest(), ROUNDS(1011, 1011));
	assert_int_equal(finish(f), 0);
	assert_true(fabs(f->compare.cells[0].ratio - 1.011) < 1e-9);
	assert_true(isnan(f->compare.cells[0].low) != 0 && isnan(f->compare.cells[0].q) != 0);
	assert_int_equal(f->compare.cells[0].verdict, COMPARE_UNDECIDED);
	assert_non_null(strstr(f->compare.cells[0].note, "all the same"));
}

/* 10 rounds around 1000 against two at 1060: t with one degree of freedom, not ten. */
static void a_side_of_two_rounds_is_not_believed_for_the_other(void **state)
{
	struct fixture *f = *state;
	char *old;
	FILE *out = synth_file(f->directory, "old.csv", &old);

	synth_header(out);
	put(out, synth_default, ROUNDS(955, 965, 975, 985, 995, 1005, 1015, 1025, 1035, 1045));
	fclose(out);
	put(f->out, synth_default, ROUNDS(1060, 1061));
	fixture_close(f);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
	assert_int_equal(reader_read(&f->samples, old, 1, false, &f->e), 0);
	free(old);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	f->options.sides = true;
	assert_int_equal(compare_make(&f->summary, &f->options, &f->compare, &f->e), 0);
	assert_true(f->compare.cells[0].freedom == 1);
	assert_int_equal(f->compare.cells[0].verdict, COMPARE_UNDECIDED);
}

/* Cells a in rounds 1 and 2, b in 3 and 4: their mean is that of two that know nothing of each
 * other. */
static void cells_of_other_rounds_are_independent(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default, other = guest();
	const struct compare_cell *c;
	double error;

	for (int i = 0; i < 2; i++) {
		row.variant = other.variant = i ? "b" : "a";
		row.run = other.run = i ? "r2" : "r1";
		put(f->out, row, ROUNDS(100, 100, 100));
		put(f->out, other, ROUNDS(100, 110, 121));
	}
	assert_int_equal(finish(f), 0);
	c = f->compare.cells;
	error = hypot(c[0].error, c[1].error) / 2;
	assert_true(fabs(log(f->compare.kernels[0].high / f->compare.kernels[0].low) /
	                         log(c[0].high / c[0].low) * c[0].error / error -
	                 1) < 1e-4); /* the clock's step is that of both */
}

/* Of one side; where both change together nothing has changed between them. */
static void several_modes_are_named_in_place_of_an_interval(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default, other = guest();

	put(f->out, row, ROUNDS(1000, 1001, 1002, 1001, 1003));
	put(f->out, other, ROUNDS(1002, 1001, 5003, 1000, 1001));
	row.variant = other.variant = "together";
	put(f->out, row, ROUNDS(1000, 1001, 5003, 1001, 1003));
	put(f->out, other, ROUNDS(1002, 1001, 5002, 1002, 1001));
	assert_int_equal(finish(f), 0);
	assert_string_equal(f->compare.cells[0].note,
	                    "several modes: 4 of 5 rounds of nosev near 1001 ns, the others near "
	                    "5003 ns; 50 rounds would tell how often each comes");
	assert_int_equal(f->compare.cells[0].verdict, COMPARE_UNDECIDED);
	assert_true(isnan(f->compare.cells[0].low) != 0 && f->compare.cells[0].ratio > 1.3);
	assert_int_equal(f->compare.cells[1].verdict, COMPARE_SAME);
	assert_string_equal(f->compare.cells[1].note, "");
}

static void only_rounds_of_both_are_paired(void **state)
{
	struct fixture *f = *state;
	const struct compare_cell *c;

	put(f->out, synth_default, ROUNDS(100, 100, 100, 900));
	put(f->out, guest(), ROUNDS(110, 110, 110));
	assert_int_equal(finish(f), 0);
	c = f->compare.cells;
	assert_int_equal(c->rounds, 3);
	assert_int_equal(c->reference_rounds, 3);
	assert_true(fabs(c->ratio - 1.1) < 1e-9);
}

static void what_cannot_be_resolved_has_a_note(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default, other = guest();

	put(f->out, row, ROUNDS(100, 100, 100));
	row.series = "baseline";
	put(f->out, row, ROUNDS(90, 101, 102));
	put(f->out, other, ROUNDS(110, 110, 110));
	other.series = "baseline";
	put(f->out, other, ROUNDS(90, 90, 90));
	assert_int_equal(finish(f), 0);
	assert_true(isnan(f->compare.cells[0].ratio) != 0);
	assert_string_equal(f->compare.cells[0].note,
	                    "not resolved on native in 2 of 3 rounds: it takes no longer than the "
	                    "empty loop around it");
	assert_int_equal(f->compare.kernels[0].cells, 0);
}

static void the_note_names_both_sides_and_what_is_missing(void **state)
{
	struct fixture *f = *state;

	put(f->out, synth_default, ROUNDS(0, 0));
	put(f->out, guest(), ROUNDS(0, 110));
	assert_int_equal(finish(f), 0);
	assert_string_equal(f->compare.cells[0].note,
	                    "not resolved on native, and on nosev in 1 of 2 rounds: the clock did "
	                    "not advance meanwhile");
}

/* Of 40 cells 30 are the same, by a difference that is measured well: a tiny p. They lift nothing.
 */
static void what_is_the_same_lifts_no_threshold(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default, other = guest();
	char name[8];
	size_t judged = 0;

	row.variant = other.variant = name;
	row.iterations = other.iterations = 10000;
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "v%02d", i);
		put(f->out, row, ROUNDS(100, 100, 100));
		if (i < 30)
			put(f->out, other, ROUNDS(100.301, 100.3, 100.299));
		else
			put(f->out, other, ROUNDS(103, 104.2, 105.3));
	}
	assert_int_equal(finish(f), 0);
	for (size_t i = 0; i < 40; i++) {
		const struct compare_cell *c = &f->compare.cells[i];

		if (i < 30) {
			assert_int_equal(c->verdict, COMPARE_SAME);
			assert_true(c->p < 1e-4 && isnan(c->q) != 0);
		} else {
			assert_true(c->p < 0.05 && fabs(c->q - c->p) < 1e-9);
			judged++;
		}
	}
	assert_int_equal(judged, 10);
}

static void a_reference_nobody_measured_is_refused(void **state)
{
	struct fixture *f = *state;

	put(f->out, synth_default, ROUNDS(100, 100));
	f->options.reference = PLATFORM_SEV;
	assert_int_equal(finish(f), -EINVAL);
	assert_non_null(strstr(f->e.text, "sev was not measured"));
}

static void sides_compare_a_platform_with_itself(void **state)
{
	struct fixture *f = *state;
	char *old;
	FILE *out = synth_file(f->directory, "old.csv", &old);
	struct synth row = synth_default;

	synth_header(out);
	put(out, row, ROUNDS(100, 101, 99, 100));
	put(out, guest(), ROUNDS(100, 101, 99, 100));
	put(f->out, row, ROUNDS(150, 149, 151, 150, 150));
	row.variant = "gone";
	put(out, row, ROUNDS(1, 1));
	fclose(out);
	fixture_close(f);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
	assert_int_equal(reader_read(&f->samples, old, 1, false, &f->e), 0);
	free(old);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	f->options.sides = true;
	assert_int_equal(compare_make(&f->summary, &f->options, &f->compare, &f->e), 0);
	assert_int_equal(f->compare.cell_count, 1);
	assert_int_equal(f->compare.lost, 2);
	assert_false(f->compare.cells[0].paired);
	assert_true(fabs(f->compare.cells[0].ratio - 1.5) < 0.01);
	assert_int_equal(f->compare.cells[0].verdict, COMPARE_SLOWER);
	assert_int_equal(slower_by(f, 0.03), 1);
}

/* More cells in one kernel than a task takes, and several kernels. */
static void threads_change_nothing(void **state)
{
	struct fixture *f = *state;
	struct truth truth = {.cells = 700,
	                      .rounds = 3,
	                      .samples = 4,
	                      .ratio = 1.02,
	                      .sample_sd = 0.01,
	                      .boot_sd = 0.01,
	                      .seed = 5};
	char *one, *three;

	fixture_close(f);
	truth_add(&f->samples, &truth, 0, true);
	for (size_t i = 0; i < f->samples.cell_count; i++)
		if (i < 600)
			f->samples.cells[i].key.kernel = f->samples.cells[0].key.kernel;
	for (uint32_t i = 0; i < 600; i++)
		f->samples.cells[i].key.size = 4096UL * (i / 50);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	one = bytes_of(&f->summary, &f->options, f->directory);
	f->options.threads = 3;
	three = bytes_of(&f->summary, &f->options, f->directory);
	assert_string_equal(one, three);
	free(one);
	free(three);
}

/* A kernel's interval covers rounds that all its cells share, and so is no narrower for them. */
static void a_kernel_averages_its_cells(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default, other = guest();
	static const char *const names[] = {"a", "b", "c"};
	static const double times[][4] = {
	        {100, 110, 105, 95}, {200, 220, 210, 190}, {50, 55, 52.5, 47.5}};
	const struct compare_kernel *k;
	const struct compare_cell *c;

	for (int i = 0; i < 3; i++) {
		row.variant = other.variant = names[i];
		put(f->out, row, ROUNDS(100, 100, 100, 100));
		put(f->out, other, times[i], 4);
	}
	assert_int_equal(finish(f), 0);
	k = f->compare.kernels;
	c = f->compare.cells;
	assert_true(fabs(k->ratio - cbrt(c[0].ratio * c[1].ratio * c[2].ratio)) < 1e-9);
	assert_true(fabs(log(k->high / k->low) / log(c[0].high / c[0].low) - 1) < 1e-3);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(the_ratio_is_the_mean_of_the_rounds_ratios),
	        T(verdicts_follow_margin_and_interval),
	        T(one_round_has_no_interval_and_says_so),
	        T(what_is_emulated_gets_no_verdict),
	        T(rounds_without_scatter_pass_no_verdict),
	        T(a_side_of_two_rounds_is_not_believed_for_the_other),
	        T(cells_of_other_rounds_are_independent),
	        T(several_modes_are_named_in_place_of_an_interval),
	        T(only_rounds_of_both_are_paired),
	        T(what_cannot_be_resolved_has_a_note),
	        T(the_note_names_both_sides_and_what_is_missing),
	        T(what_is_the_same_lifts_no_threshold),
	        T(a_reference_nobody_measured_is_refused),
	        T(sides_compare_a_platform_with_itself),
	        T(threads_change_nothing),
	        T(a_kernel_averages_its_cells),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
