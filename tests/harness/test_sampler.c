/* SPDX-License-Identifier: MIT */
#include "harness/sampler.h"

#include <errno.h>
#include <inttypes.h>

#include "harness/place_choose.h"
#include "tests/cmocka.h"

/* A kernel whose every answer the test decides, and which counts what was asked of it. */
static struct fake {
	int probe, setup, verify, reset;
	uint64_t capacity;
	unsigned spins;       /* of one iteration */
	unsigned interrupted; /* so many of the first runs */
	unsigned setups, teardowns, resets, runs, baselines;
	uint64_t iterations;    /* of all runs */
	unsigned resets_missed; /* runs without a reset just before */
	int fresh;
} fake;

#define INTERRUPTION 20000 /* iterations as long as it lasts: milliseconds */

static int answer(int rc, const char *what, struct err *e)
{
	return rc ? err_set(e, -rc, "%s says no", what) : 0;
}

static int fake_probe(const struct setup *setup, struct err *e)
{
	(void)setup;
	return answer(fake.probe, "probe", e);
}

static int fake_setup(const struct setup *setup, void **state, struct err *e)
{
	(void)setup;
	fake.setups++;
	*state = &fake;
	return answer(fake.setup, "setup", e);
}

static void spin(uint64_t iterations)
{
	for (uint64_t i = 0; i < iterations; i++) {
		for (unsigned j = 0; j < fake.spins; j++)
			__asm__ volatile("pause");
	}
}

static void fake_run(void *state, unsigned thread, uint64_t iterations)
{
	assert_ptr_equal(state, &fake);
	assert_int_equal(thread, 0);
	fake.resets_missed += !fake.fresh;
	fake.fresh = 0;
	fake.runs++;
	fake.iterations += iterations;
	spin(iterations);
	if (fake.interrupted && fake.interrupted--)
		spin(INTERRUPTION);
}

static void fake_baseline(void *state, unsigned thread, uint64_t iterations)
{
	(void)state;
	(void)thread;
	(void)iterations;
	fake.baselines++;
}

static int fake_reset(void *state, struct err *e)
{
	(void)state;
	fake.resets++;
	fake.fresh = 1;
	return answer(fake.reset, "reset", e);
}

static uint64_t fake_capacity(const void *state)
{
	(void)state;
	return fake.capacity;
}

static int fake_verify(void *state, struct err *e)
{
	(void)state;
	return answer(fake.verify, "verify", e);
}

static void fake_traffic(const struct cell *cell, struct traffic *traffic)
{
	traffic->read = cell->size;
	traffic->written = 2 * cell->size;
}

static void fake_teardown(void *state)
{
	(void)state;
	fake.teardowns++;
}

static struct variant variant = {"only", "the only one", -1, 0};
static struct kernel kernel;
static struct clock test_clock;
static struct place place;
static struct cell cell;
static struct sampler_result result;

static int begin(void **state)
{
	struct err e = {""};

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.spins = 20;
	fake.capacity = 50;
	variant.feature = -1;
	kernel = (struct kernel){.name = "fake",
	                         .flags = KERNEL_MEMORY,
	                         .variants = &variant,
	                         .variant_count = 1,
	                         .probe = fake_probe,
	                         .setup = fake_setup,
	                         .run = fake_run,
	                         .baseline = fake_baseline,
	                         .reset = fake_reset,
	                         .capacity = fake_capacity,
	                         .verify = fake_verify,
	                         .traffic = fake_traffic,
	                         .teardown = fake_teardown};
	cell = (struct cell){.kernel = &kernel, .variant = &variant, .size = 64, .threads = 1};
	if (place_choose(1, NULL, &place, &e))
		fail_msg("%s", e.text);
	return 0;
}

static int end(void **state)
{
	(void)state;
	sampler_result_free(&result);
	return 0;
}

static const struct sampler_plan quick = {.samples = 10, .batch_ns = 2e5, .warmup_ns = 1e5};

static void run(const struct sampler_plan *plan)
{
	struct setup setup = {.cell = &cell, .place = &place, .node = -1};
	struct err e = {""};

	if (sampler_run(&setup, plan, &test_clock, &result, &e))
		fail_msg("%s", e.text);
}

static void count(enum sample_series series, unsigned *n, uint64_t *iterations)
{
	*n = 0;
	for (size_t i = 0; i < result.count; i++) {
		if (result.samples[i].series != series)
			continue;
		if (*n)
			assert_int_equal(result.samples[i].iterations, *iterations);
		*iterations = result.samples[i].iterations;
		++*n;
	}
}

static void test_batches_of_one_fixed_size(void **state)
{
	unsigned ops, baselines;
	uint64_t iterations = 0, same = 0;

	(void)state;
	run(&quick);
	assert_int_equal(result.status, CELL_OK);
	assert_string_equal(result.reason, "");
	count(SERIES_OP, &ops, &iterations);
	count(SERIES_BASELINE, &baselines, &same);
	assert_int_equal(ops, 10);
	assert_int_equal(baselines, 10);
	assert_int_equal(iterations, same);
	assert_int_equal(fake.baselines, 10);
	for (size_t i = 0; i < result.count; i++) {
		if (result.samples[i].series == SERIES_OP)
			assert_true(result.samples[i].ticks >= SAMPLER_MIN_STEPS * test_clock.step);
	}
	assert_int_equal(fake.resets_missed, 0);
	assert_int_equal(fake.teardowns, 1);
	assert_int_equal(result.traffic.written, 128);
	assert_false(result.single_shot);
}

static void test_a_kernel_without_baseline(void **state)
{
	unsigned ops, baselines;
	uint64_t iterations = 0;

	(void)state;
	kernel.baseline = NULL;
	kernel.reset = NULL;
	run(&quick);
	count(SERIES_OP, &ops, &iterations);
	count(SERIES_BASELINE, &baselines, &iterations);
	assert_int_equal(ops, 10);
	assert_int_equal(baselines, 0);
}

static void test_given_iterations_are_kept(void **state)
{
	struct sampler_plan plan = quick;
	unsigned ops;
	uint64_t iterations = 0;

	(void)state;
	plan.iterations = 777;
	fake.spins = 200;
	run(&plan);
	count(SERIES_OP, &ops, &iterations);
	assert_int_equal(iterations, 777);
}

/* One iteration looked like enough. */
static void test_an_interrupted_sizing_is_made_good(void **state)
{
	unsigned ops;
	uint64_t iterations = 0;

	(void)state;
	fake.interrupted = 2;
	run(&quick);
	assert_string_equal(result.reason, "");
	assert_int_equal(result.status, CELL_OK);
	count(SERIES_OP, &ops, &iterations);
	assert_int_equal(ops, 10);
	assert_true(iterations > 1);
}

/* What the clock cannot time to 0.1 % is no result. */
static void test_too_short_batches_fail(void **state)
{
	struct sampler_plan plan = quick;

	(void)state;
	plan.iterations = 1;
	fake.spins = 0;
	run(&plan);
	assert_int_equal(result.status, CELL_FAILED);
	assert_non_null(strstr(result.reason, "raise --iterations"));
	assert_true(result.count > 0);
}

static void test_single_shots_end_at_capacity(void **state)
{
	struct sampler_plan plan = quick;
	unsigned ops, baselines;
	uint64_t iterations = 0;

	(void)state;
	kernel.flags |= KERNEL_SINGLE_SHOT;
	plan.samples = 1000;
	run(&plan);
	count(SERIES_OP, &ops, &iterations);
	count(SERIES_BASELINE, &baselines, &iterations);
	assert_int_equal(ops, 50);
	assert_int_equal(fake.runs, 50); /* what is gone after one touch is not warmed up */
	assert_int_equal(fake.iterations, 50);
	assert_int_equal(fake.resets, 1);
	assert_int_equal(baselines, 1000);
	assert_true(result.single_shot);
}

static void skipped_or_failed(enum cell_status status, const char *reason)
{
	run(&quick);
	assert_int_equal(result.status, status);
	if (!strstr(result.reason, reason))
		fail_msg("\"%s\" does not say \"%s\"", result.reason, reason);
}

static void test_single_on_request(void **state)
{
	struct sampler_plan plan = quick;

	(void)state;
	kernel.capacity = NULL;
	cell.single = true;
	plan.samples = 300;
	run(&plan);
	assert_int_equal(result.status, CELL_OK);
	assert_int_equal(fake.iterations, 300 + 32); /* after 32 that show how long one is */
	assert_true(result.single_shot);
}

static void test_single_is_refused_where_the_clock_is_too_coarse(void **state)
{
	const uint64_t step = test_clock.step;

	(void)state;
	cell.single = true;
	test_clock.step = (uint64_t)test_clock.hz; /* a second */
	skipped_or_failed(CELL_SKIPPED, "time it in batches, without --single");
	test_clock.step = step;
	assert_int_equal(result.count, 0);
}

static void test_probe_decides(void **state)
{
	(void)state;
	fake.probe = -ENOTSUP;
	skipped_or_failed(CELL_SKIPPED, "probe says no");
	assert_int_equal(result.count, 0);
	assert_int_equal(fake.setups, 0);
	fake.probe = -EIO;
	skipped_or_failed(CELL_FAILED, "probe says no");
}

static void test_setup_decides(void **state)
{
	(void)state;
	fake.setup = -ENOTSUP;
	skipped_or_failed(CELL_SKIPPED, "setup says no");
	fake.setup = -ENOMEM;
	skipped_or_failed(CELL_FAILED, "setup says no");
	assert_int_equal(fake.runs, 0);
	assert_int_equal(fake.teardowns, 0); /* there is no state to tear down */
}

static void test_missing_feature_skips(void **state)
{
	(void)state;
	for (int f = 0; f < CPU_FEATURE_COUNT; f++) {
		if (cpu_has((enum cpu_feature)f))
			continue;
		variant.feature = f;
		skipped_or_failed(CELL_SKIPPED, cpu_feature_name((enum cpu_feature)f));
		assert_int_equal(fake.setups, 0);
		return;
	}
	skip_because("this CPU lacks no feature that a kernel may ask for");
}

static void test_unverified_work_is_no_result(void **state)
{
	(void)state;
	fake.verify = -EILSEQ;
	skipped_or_failed(CELL_FAILED, "verify says no");
	assert_int_equal(result.count, 20); /* and yet nothing that was measured is lost */
	assert_int_equal(fake.teardowns, 1);
}

static void test_failing_reset(void **state)
{
	(void)state;
	fake.reset = -ENOMEM;
	skipped_or_failed(CELL_FAILED, "reset says no");
	assert_int_equal(fake.teardowns, 1);
}

/* A kernel that times itself: 5 us an iteration, and each call is counted. */
static struct {
	unsigned calls, baselines;
	size_t most; /* batches in one call */
	int fail_at; /* call that fails, from 1; 0: none */
	int rc;
} taker;

static int fake_take(void *state, bool baseline, uint64_t iterations, size_t batches,
                     struct timing *timings, struct err *e)
{
	assert_ptr_equal(state, &fake);
	taker.calls++;
	taker.baselines += baseline;
	taker.most = batches > taker.most ? batches : taker.most;
	if (taker.fail_at && taker.calls >= (unsigned)taker.fail_at)
		return answer(taker.rc, "take", e);
	for (size_t i = 0; i < batches; i++) {
		timings[i].ticks =
		        iterations * (uint64_t)(test_clock.hz * (baseline ? 1e-6 : 5e-6));
		timings[i].interrupts = i;
	}
	return 0;
}

static void self_timed(int fail_at, int rc)
{
	memset(&taker, 0, sizeof(taker));
	taker.fail_at = fail_at;
	taker.rc = rc;
	kernel.take = fake_take;
	kernel.run = NULL;
	kernel.baseline = NULL;
	kernel.reset = NULL;
}

static void test_a_kernel_that_times_itself(void **state)
{
	unsigned ops, baselines;
	uint64_t iterations = 0, same = 0;

	(void)state;
	self_timed(0, 0);
	run(&quick);
	assert_int_equal(result.status, CELL_OK);
	count(SERIES_OP, &ops, &iterations);
	count(SERIES_BASELINE, &baselines, &same);
	assert_int_equal(ops, 10);
	assert_int_equal(baselines, 10);
	assert_int_equal(iterations, same);
	assert_in_range(iterations, 40, 64); /* of 5 us in 200 us */
	assert_int_equal(taker.most, 1);
	assert_true(result.samples[3].interrupts_known);
}

static void test_its_singles_are_taken_at_once(void **state)
{
	struct sampler_plan plan = quick;
	unsigned ops, baselines;
	uint64_t iterations = 0;

	(void)state;
	self_timed(0, 0);
	kernel.capacity = NULL;
	cell.single = true;
	plan.samples = 300;
	run(&plan);
	count(SERIES_OP, &ops, &iterations);
	count(SERIES_BASELINE, &baselines, &iterations);
	assert_int_equal(ops, 300);
	assert_int_equal(baselines, 300);
	assert_int_equal(taker.calls, 64 + 2);
	assert_int_equal(taker.most, 300);
	assert_int_equal(result.samples[result.count - 1].interrupts, 299);
}

static void test_its_failure_keeps_what_was_taken(void **state)
{
	(void)state;
	self_timed(1, -ENOTSUP);
	skipped_or_failed(CELL_SKIPPED, "take says no");
	assert_int_equal(result.count, 0);
	sampler_result_free(&result);
	self_timed(0, 0);
	run(&quick);
	/* The fifth batch of what is sampled: three ops of the series and two baselines are there.
	 */
	self_timed((int)taker.calls - 20 + 6, -EIO);
	sampler_result_free(&result);
	skipped_or_failed(CELL_FAILED, "take says no");
	assert_int_equal(result.count, 5);
	assert_int_equal(fake.teardowns, 3);
}

static int measure_clock(void **state)
{
	struct clock_instant first = clock_now();
	struct err e = {""};

	(void)state;
	counters_open();
	if (clock_init(&test_clock, &first, &e)) {
		print_error("%s\n", e.text);
		return -1;
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	        TEST(test_batches_of_one_fixed_size),
	        TEST(test_a_kernel_without_baseline),
	        TEST(test_given_iterations_are_kept),
	        TEST(test_an_interrupted_sizing_is_made_good),
	        TEST(test_too_short_batches_fail),
	        TEST(test_single_shots_end_at_capacity),
	        TEST(test_single_on_request),
	        TEST(test_single_is_refused_where_the_clock_is_too_coarse),
	        TEST(test_probe_decides),
	        TEST(test_setup_decides),
	        TEST(test_missing_feature_skips),
	        TEST(test_unverified_work_is_no_result),
	        TEST(test_failing_reset),
	        TEST(test_a_kernel_that_times_itself),
	        TEST(test_its_singles_are_taken_at_once),
	        TEST(test_its_failure_keeps_what_was_taken),
#undef TEST
	};

	return cmocka_run_group_tests(tests, measure_clock, NULL);
}
