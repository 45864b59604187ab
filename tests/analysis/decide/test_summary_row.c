/* SPDX-License-Identifier: MIT */
#include "analysis/decide/summary_row.h"

#include "tests/analysis/summary_fixture.h"

static void a_round_weighs_the_same_however_long(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;

	put_round(f, row, (double[]){10, 11, 9, 100}, 4); /* 10.5 */
	row.round = 2;
	put_round(f, row, (double[]){20}, 1);
	row.round = 3;
	put_round(f, row, (double[]){12, 12, 12, 12, 12, 12, 12}, 7);
	r = fixture_summarise(f);
	assert_int_equal(f->summary.count, 1);
	assert_int_equal(r->rounds, 3);
	assert_int_equal(r->samples, 12);
	close_to(r->median_ns, 12);
	close_to(r->raw_median_ns, 12);
	close_to(r->round_min_ns, 10.5);
	close_to(r->round_max_ns, 20);
	close_to(r->mad_ns, 0); /* the distances: seven of 0, then 1, 2, 3, 8, 88 */
}

static void the_baseline_of_the_same_process_is_subtracted(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;

	put_round(f, row, (double[]){10, 11, 12}, 3);
	row.series = "baseline";
	put_round(f, row, (double[]){1, 2, 900}, 3);
	row.series = "op";
	row.round = 2;
	put_round(f, row, (double[]){20, 21, 22}, 3);
	row.series = "baseline";
	put_round(f, row, (double[]){6, 5, 4, 5}, 4);
	r = fixture_summarise(f);
	close_to(r->median_ns, (9.0 + 16) / 2);
	close_to(r->raw_median_ns, (11.0 + 21) / 2);
	close_to(r->baseline_ns, 3.5);
	/* The rows themselves are as they were. */
	assert_true(f->samples.groups[0].series[SERIES_OP].ns[0] == 10);
}

static void what_its_loop_costs_as_much_is_not_resolved(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;

	row.read = 64;
	put_round(f, row, (double[]){10, 10, 10}, 3);
	row.series = "baseline";
	put_round(f, row, (double[]){10, 11, 12}, 3);
	r = fixture_summarise(f);
	assert_true(isnan(r->median_ns));
	close_to(r->raw_median_ns, 10);
	assert_true(isnan(r->rate[SUMMARY_STREAM]));
}

static void rates_count_what_they_say(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;

	row.read = 100;
	row.written = 50;
	row.allocate = 50;
	row.cycles = 600; /* of 30 iterations */
	put_round(f, row, (double[]){10, 10, 10}, 3);
	r = fixture_summarise(f);
	close_to(r->rate[SUMMARY_READ], 10);
	close_to(r->rate[SUMMARY_WRITTEN], 5);
	close_to(r->rate[SUMMARY_STREAM], 15);
	close_to(r->rate[SUMMARY_ALLOCATE], 20);
	close_to(r->counts[COUNTER_CYCLES], 20);
}

static void percentiles_need_a_tail(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;
	static double ns[1000];

	for (int i = 0; i < 1000; i++)
		ns[i] = 1 + (i * 7) % 1000;
	row.iterations = 1;
	row.single_shot = true;
	put_round(f, row, ns, 1000);
	row.size *= 2;
	put_round(f, row, ns, 99);
	r = fixture_summarise(f);
	close_to(r[0].tail_ns[SUMMARY_P50], 500.5);
	close_to(r[0].tail_ns[SUMMARY_P90], 900.1);
	close_to(r[0].tail_ns[SUMMARY_P99], 990.01);
	assert_true(isnan(r[0].tail_ns[SUMMARY_P999]));
	assert_true(r[1].tail_ns[SUMMARY_P50] > 0);
	assert_true(isnan(r[1].tail_ns[SUMMARY_P90]));
}

/* As a file that was cut may end: rounds that began, and of which no operation is there. */
static void rounds_of_baselines_alone_do_not_count(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;

	put_round(f, row, (double[]){10}, 1);
	row.series = "baseline";
	for (row.round = 2; row.round < 4000; row.round++)
		put_round(f, row, (double[]){1}, 1);
	r = fixture_summarise(f);
	assert_int_equal(r->rounds, 1);
	close_to(r->median_ns, 10);
	close_to(r->batch, (double)synth_default.iterations);
}

static void batches_have_no_percentiles(void **state)
{
	struct fixture *f = *state;
	static double ns[1000];

	for (int i = 0; i < 1000; i++)
		ns[i] = 5;
	put_round(f, synth_default, ns, 1000);
	assert_true(isnan(fixture_summarise(f)->tail_ns[SUMMARY_P50]));
}

static void failed_rounds_are_counted_and_not_used(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;

	put_round(f, row, (double[]){10, 10, 10}, 3);
	row.round = 2;
	row.status = "failed";
	row.reason = "the copy differs";
	put_round(f, row, (double[]){1, 1, 1}, 3);
	row.round = 3;
	row.status = "skipped";
	row.reason = "no memory";
	row.iterations = 0;
	synth_row(f->out, &row);
	r = fixture_summarise(f);
	assert_int_equal(r->rounds, 1);
	assert_int_equal(r->failed, 1);
	assert_int_equal(r->skipped, 1);
	close_to(r->median_ns, 10);
	assert_string_equal(summary_row_status(r), "ok");
	assert_string_equal(samples_text(&f->samples, r->reason), "the copy differs");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(a_round_weighs_the_same_however_long),
	        T(the_baseline_of_the_same_process_is_subtracted),
	        T(what_its_loop_costs_as_much_is_not_resolved),
	        T(rates_count_what_they_say),
	        T(percentiles_need_a_tail),
	        T(rounds_of_baselines_alone_do_not_count),
	        T(batches_have_no_percentiles),
	        T(failed_rounds_are_counted_and_not_used),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
