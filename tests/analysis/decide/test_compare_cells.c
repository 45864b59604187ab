/* SPDX-License-Identifier: MIT */
#include "analysis/decide/compare_cells.h"

#include <math.h>

#include "tests/analysis/compare_fixture.h"

static void a_cell_without_reference_has_a_note(void **state)
{
	struct fixture *f = *state;
	struct synth row = guest();

	put(f->out, synth_default, ROUNDS(100, 100));
	row.variant = "other";
	put(f->out, row, ROUNDS(100, 100));
	assert_int_equal(finish(f), 0);
	assert_int_equal(f->compare.cell_count, 1);
	assert_string_equal(f->compare.cells[0].note, "the reference was not measured");
}

/* Where the reference was skipped, that is the reason, and not that nobody measured it. */
static void a_reference_without_result_says_why(void **state)
{
	struct fixture *f = *state;
	struct synth row = guest();

	put(f->out, row, ROUNDS(100, 100));
	row = synth_default;
	row.iterations = 0;
	row.status = "skipped";
	row.reason = "it is too cold";
	synth_row(f->out, &row);
	row = synth_default;
	row.variant = "other";
	put(f->out, row, ROUNDS(100, 100));
	assert_int_equal(finish(f), 0);
	assert_int_equal(f->compare.cell_count, 1);
	assert_string_equal(f->compare.cells[0].note,
	                    "the reference has no result: native skipped: it is too cold");
	assert_null(f->compare.cells[0].reference);
}

/* In the order of platforms, and pages behind theirs, though the first cell lacks some of them. */
static void a_kernel_has_its_platforms_in_order(void **state)
{
	const unsigned expected[] = {PLATFORM_NATIVE, target_on(PLATFORM_NOSEV, MEM_THP),
	                             PLATFORM_SEV, PLATFORM_SNP};
	struct fixture *f = *state;
	struct synth row = guest();

	for (int i = 0; i < 2; i++) {
		row.variant = i ? "b" : "a";
		row.accel = "kvm";
		row.platform = "nosev";
		row.host_pages = "4k";
		put(f->out, row, ROUNDS(100, 100));
		row.platform = "snp";
		put(f->out, row, ROUNDS(120, 120));
		row.platform = "sev";
		put(f->out, row, ROUNDS(110, 110));
		if (!i)
			continue;
		row.platform = "nosev";
		row.host_pages = "thp";
		put(f->out, row, ROUNDS(90, 90));
		row.platform = "native";
		row.accel = "none";
		row.host_pages = "";
		put(f->out, row, ROUNDS(80, 80));
	}
	assert_int_equal(finish(f), 0);
	assert_int_equal(f->compare.kernel_count, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(f->compare.kernels[i].platform, expected[i]);
	for (size_t i = 0; i < f->compare.cell_count; i++)
		assert_int_equal(f->compare.kernels[f->compare.cells[i].kernel].platform,
		                 f->compare.cells[i].row->platform);
	assert_int_equal(f->compare.kernels[2].cells, 2);
	/* The cells too: sev and snp of the first, then all of the second. */
	for (int i = 0; i < 4; i++)
		assert_int_equal(f->compare.cells[2 + i].row->platform, expected[i]);
}

/* Two rows of the same cell, and work that is not the same. */
static void what_is_other_work_has_a_note_and_no_ratio(void **state)
{
	struct fixture *f = *state;
	struct synth sev = guest(), snp = guest();

	sev.kernel = snp.kernel = "convert";
	sev.variant = snp.variant = "2m";
	sev.platform = "sev";
	snp.platform = "snp";
	put(f->out, sev, ROUNDS(100, 110));
	put(f->out, snp, ROUNDS(200, 220));
	fixture_summarise(f);
	strcpy(f->summary.mixed_linux, "6.1 and 6.12");
	f->options.reference = PLATFORM_SEV;
	assert_int_equal(compare_make(&f->summary, &f->options, &f->compare, &f->e), 0);
	assert_int_equal(f->compare.cell_count, 1);
	assert_non_null(strstr(f->compare.cells[0].note, "not comparable: encrypted guests"));
	assert_true(isnan(f->compare.cells[0].ratio) != 0);
	assert_int_equal(f->compare.cells[0].verdict, COMPARE_UNDECIDED);
}

/* Of 1000 ns in both, an empty loop of 100 is taken off in all rounds of one, in two of the other.
 */
static void nor_are_rounds_with_and_without(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default, other = guest();

	put(f->out, row, ROUNDS(1000, 1001, 999));
	put(f->out, other, ROUNDS(1000, 1001, 999));
	row.series = other.series = "baseline";
	put(f->out, row, ROUNDS(100, 100, 100));
	put(f->out, other, ROUNDS(100, 100));
	assert_int_equal(finish(f), 0);
	assert_string_equal(f->compare.cells[0].note,
	                    "not comparable: the empty loop is taken off in 2 of 3 rounds of nosev "
	                    "and in 3 of 3 of native");
}

/* 1000 ns, and 1100 of which an empty loop of 100 is taken off. */
static void times_with_and_without_their_loop_are_not_compared(void **state)
{
	struct fixture *f = *state;
	struct synth row = guest();

	put(f->out, synth_default, ROUNDS(1000, 1001, 999));
	row.series = "baseline";
	put(f->out, row, ROUNDS(100, 100, 100));
	row.series = "op";
	put(f->out, row, ROUNDS(1100, 1101, 1099));
	assert_int_equal(finish(f), 0);
	assert_true(isnan(f->compare.cells[0].ratio) != 0);
	assert_string_equal(f->compare.cells[0].note,
	                    "not comparable: the empty loop is taken off in 3 of 3 rounds of nosev "
	                    "and in 0 of 3 of native");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(times_with_and_without_their_loop_are_not_compared),
	        T(nor_are_rounds_with_and_without),
	        T(a_cell_without_reference_has_a_note),
	        T(a_reference_without_result_says_why),
	        T(a_kernel_has_its_platforms_in_order),
	        T(what_is_other_work_has_a_note_and_no_ratio),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
