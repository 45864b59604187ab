/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/prctl.h>
#include <time.h>

#include "harness/kernel.h"
#include "kernels/registry.h"
#include "tests/cmocka.h"
#include "tests/kernels/memory_cell.h"

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *open_cell(const char *variant)
{
	const struct kernel *k = registry_find("nanosleep");
	struct cell cell = memory_cell(k, variant, 0, 1);
	struct setup setup = memory_setup(&cell);
	struct err e = {""};
	void *state = NULL;

	assert_int_equal(k->setup(&setup, &state, &e), 0);
	return state;
}

static void it_sleeps_as_long_as_it_says_and_so_does_the_baseline(void **unused)
{
	const struct kernel *k = registry_find("nanosleep");
	void *state = open_cell("1ms");
	struct err e = {""};
	double start = seconds();

	(void)unused;
	k->run(state, 0, 5);
	assert_true(seconds() - start >= 0.005);
	start = seconds();
	k->baseline(state, 0, 5);
	assert_true(seconds() - start >= 0.005);
	assert_int_equal(k->verify(state, &e), 0);
	k->teardown(state);
}

static void what_did_not_sleep_is_found_out(void **unused)
{
	const struct kernel *k = registry_find("nanosleep");
	void *state = open_cell("50us");
	struct err e = {""};

	(void)unused;
	k->baseline(state, 0, 1);
	assert_int_equal(k->verify(state, &e), -EIO);
	assert_says(e, "nothing was slept");
	k->teardown(state);
}

/* Linux is to wake it when it is due, and other cells as before. */
static void the_slack_of_timers_is_put_back(void **unused)
{
	const struct kernel *k = registry_find("nanosleep");
	int before = prctl(PR_GET_TIMERSLACK);
	void *state;

	(void)unused;
	assert_true(before > 1);
	state = open_cell("50us");
	assert_int_equal(prctl(PR_GET_TIMERSLACK), 1);
	k->teardown(state);
	assert_int_equal(prctl(PR_GET_TIMERSLACK), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(it_sleeps_as_long_as_it_says_and_so_does_the_baseline),
	        cmocka_unit_test(what_did_not_sleep_is_found_out),
	        cmocka_unit_test(the_slack_of_timers_is_put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
