/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include "harness/counters.h"

static void test_closed(void **state)
{
	struct counters sum = {0};

	(void)state;
	for (int i = 0; i < COUNTER_EVENT_COUNT; i++)
		assert_string_equal(counters_reason((enum counter_event)i), "not opened");
	counters_start();
	counters_stop(&sum);
	for (int i = 0; i < COUNTER_EVENT_COUNT; i++)
		assert_false(sum.known[i]);
	counters_close();
}

static void spin(unsigned loops)
{
	for (unsigned i = 0; i < loops; i++)
		__asm__ volatile("");
}

/* Known and without a reason, or unknown and with one; never both, never neither. */
static void test_open(void **state)
{
	struct counters sum = {0};
	uint64_t once;

	(void)state;
	counters_open();
	counters_start();
	spin(1000000);
	counters_stop(&sum);
	for (int i = 0; i < COUNTER_EVENT_COUNT; i++) {
		const char *reason = counters_reason((enum counter_event)i);

		assert_int_equal(sum.known[i], reason == NULL);
		if (reason) {
			assert_true(strlen(reason) > 10);
			assert_int_equal(sum.value[i], 0);
			print_message("%s: %s\n", counter_name((enum counter_event)i), reason);
		}
	}
	once = sum.value[COUNTER_INSTRUCTIONS];
	if (!sum.known[COUNTER_INSTRUCTIONS]) {
		char reason[128];

		snprintf(reason, sizeof(reason), "%s", counters_reason(COUNTER_INSTRUCTIONS));
		counters_close();
		skip_because("%s", reason);
	}
	assert_in_range(once, 2000000, 20000000); /* two instructions a turn at least */
	spin(1000000);                            /* between stop and start: not counted */
	counters_start();
	spin(1000000);
	counters_stop(&sum);
	assert_in_range(sum.value[COUNTER_INSTRUCTIONS], 2 * once - once / 10,
	                2 * once + once / 10);
	counters_close();
	assert_string_equal(counters_reason(COUNTER_CYCLES), "not opened");
}

static void test_again(void **state)
{
	(void)state;
	counters_open();
	counters_close();
	counters_close();
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(counter_name(COUNTER_CYCLES), "cycles");
	assert_string_equal(counter_name(COUNTER_INSTRUCTIONS), "instructions");
	assert_string_equal(counter_name(COUNTER_DTLB_MISSES), "dtlb_misses");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_closed),
	        cmocka_unit_test(test_open),
	        cmocka_unit_test(test_again),
	        cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
