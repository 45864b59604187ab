/* SPDX-License-Identifier: MIT */
#include "analysis/decide/disturbance.h"

#include <math.h>

#include "tests/analysis/fixture.h"

/* A row of so many samples that took 20 ms, with all percentiles. */
static struct summary_row row_of(uint64_t samples)
{
	return (struct summary_row){.samples = samples, .sampled_ns = 20e6};
}

static void expect(struct summary_row row, enum summary_tail figure, const char *wanted)
{
	char text[DISTURBANCE_TEXT];

	assert_string_equal(disturbance_text(&row, figure, text), wanted);
}

static void counts_are_against_the_samples(void **state)
{
	static const struct {
		double count;
		uint64_t samples;
		const char *median, *p99, *p999;
	} cells[] = {
	        {6, 30, "", " 6i/30", ""},
	        {10, 30, " 10i/30", "", ""},
	        {9, 30, "", " 9i/30", ""},
	        {4, 12, " 4i/12", "", ""},
	        {6, 24, "", " 6i/24", ""},
	        {3, 30000, "", "", ""},
	        {16, 30000, "", "", " 16i/30000"},
	        {14, 30000, "", "", ""},
	        {151, 30000, "", " 151i/30000", ""},
	        {149, 30000, "", "", " 149i/30000"},
	        {0, 30, "", "", ""},
	        {NAN, 30, "", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		struct summary_row row = row_of(cells[i].samples);
		const char *wanted[SUMMARY_TAIL_COUNT] = {cells[i].median, "", cells[i].p99,
		                                          cells[i].p999};

		row.involuntary = cells[i].count;
		for (int f = 0; f < SUMMARY_TAIL_COUNT; f++)
			expect(row, (enum summary_tail)f, wanted[f] + (*wanted[f] != '\0'));
		row.involuntary = 0;
		row.migrations = cells[i].count;
		if (!*cells[i].median)
			expect(row, SUMMARY_P50, "");
	}
}

static void stolen_time_is_against_the_time_sampled(void **state)
{
	struct summary_row row = row_of(30);

	(void)state;
	row.steal_ns = 10e6;
	expect(row, SUMMARY_P50, "10.0 ms/20.0 ms stolen");
	expect(row, SUMMARY_P99, ""); /* once is enough */
	row.sampled_ns = 1e9;
	expect(row, SUMMARY_P50, "10.0 ms/1.00 s stolen");
	row.sampled_ns = 1.01e9;
	expect(row, SUMMARY_P50, "");
	row.steal_ns = 0;
	row.sampled_ns = 0;
	expect(row, SUMMARY_P50, "");
}

/* Never a zero, and never a mark. */
static void what_is_not_known_is_not_said(void **state)
{
	struct summary_row row = row_of(12);

	(void)state;
	row.steal_ns = row.involuntary = row.migrations = NAN;
	expect(row, SUMMARY_P50, "");
	row.steal_ns = 10e6;
	row.sampled_ns = NAN;
	row.migrations = 12;
	expect(row, SUMMARY_P50, "12m/12");
	row.migrations = 1;
	row.tail_ns[SUMMARY_P99] = NAN;
	expect(row, SUMMARY_P99, "");
	row.samples = 0; /* nothing measured */
	row.involuntary = row.migrations = row.steal_ns = NAN;
	expect(row, SUMMARY_P50, "");
}

static void all_of_them_stand_in_one_text(void **state)
{
	struct summary_row row = row_of(12);

	(void)state;
	row.steal_ns = 30e6;
	row.involuntary = 6;
	row.migrations = 5;
	expect(row, SUMMARY_P50, "30.0 ms/20.0 ms stolen 6i/12 5m/12");
}

/* The time is of the samples as measured, over the rounds that measured. */
static void the_summary_sums_up_the_time(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.noise = "1,0,0";
	for (row.round = 1; row.round <= 2; row.round++)
		for (row.sample = 0; row.sample < 3; row.sample++)
			synth_row(f->out, &row);
	row.series = "baseline";
	row.round = 2;
	row.sample = 0;
	row.ns = 100;
	synth_row(f->out, &row);
	row.series = "op";
	row.round = 3;
	row.status = "failed";
	row.reason = "the copy differs";
	row.ns = 1e9;
	synth_row(f->out, &row);
	fixture_summarise(f);
	assert_true(fabs(f->summary.rows[0].sampled_ns - 6000) < 1e-6);
	assert_int_equal(f->summary.rows[0].samples, 6);
	expect(f->summary.rows[0], SUMMARY_P50, "2i/6");
}

static void a_row_without_a_round_has_no_time(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.iterations = 0;
	row.status = "skipped";
	row.reason = "no room";
	synth_row(f->out, &row);
	assert_true(isnan(fixture_summarise(f)->sampled_ns));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(counts_are_against_the_samples), T(stolen_time_is_against_the_time_sampled),
	        T(what_is_not_known_is_not_said),  T(all_of_them_stand_in_one_text),
	        T(the_summary_sums_up_the_time),   T(a_row_without_a_round_has_no_time),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
