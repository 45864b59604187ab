/* SPDX-License-Identifier: MIT */
#include "harness/slow.h"

#include "harness/clock.h"
#include "tests/cmocka.h"

struct seen {
	unsigned thread;
	uint64_t iterations, ticks;
	unsigned calls;
};

/* Takes a while, and notes how long. */
static void work(void *state, unsigned thread, uint64_t iterations)
{
	struct seen *seen = state;
	uint64_t begin = clock_begin();

	while (clock_end() - begin < 100000)
		;
	seen->thread = thread;
	seen->iterations = iterations;
	seen->calls++;
	seen->ticks = clock_end() - begin;
}

static uint64_t timed(struct seen *seen, double share)
{
	struct slow slow = {work, seen, share};
	uint64_t begin = clock_begin();

	slow_work(&slow, 3, 17);
	return clock_end() - begin;
}

static void the_work_is_done_once(void **state)
{
	struct seen seen = {0};

	(void)state;
	timed(&seen, 0.03);
	assert_int_equal(seen.calls, 1);
	assert_int_equal(seen.thread, 3);
	assert_int_equal(seen.iterations, 17);
}

/* Never less than its share, however the machine disturbs it. */
static void it_takes_its_share_longer(void **state)
{
	static const double shares[] = {0, 0.03, 1, 4};

	(void)state;
	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
		struct seen seen = {0};
		uint64_t took = timed(&seen, shares[i]);

		assert_true((double)took >= (double)seen.ticks * (1 + shares[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_work_is_done_once),
	        cmocka_unit_test(it_takes_its_share_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
