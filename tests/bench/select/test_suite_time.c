/* SPDX-License-Identifier: MIT */
#include "bench/select/suite_time.h"

#include "tests/cmocka.h"

static double seconds_of(const char *text)
{
	struct suite suite;
	struct err e = {""};
	double seconds;

	if (suite_from_text("test", text, NULL, &suite, &e))
		fail_msg("%s", e.text);
	seconds = suite_time_round(&suite);
	suite_free(&suite);
	return seconds;
}

/* Ten samples of 10 ms and their baseline last at least 0.2 s, and a tenth of that much less. */
static void test_samples_and_batches_count(void **state)
{
	double long_ones = seconds_of("kernel memcpy --variant libc --size 4K --samples 10 "
	                              "--batch-us 10000 --warmup-us 0\n");
	double short_ones = seconds_of("kernel memcpy --variant libc --size 4K --samples 10 "
	                               "--batch-us 1000 --warmup-us 0\n");

	(void)state;
	assert_true(long_ones > 0.2 && long_ones < 0.5);
	assert_true(short_ones > 0.02 && short_ones < long_ones / 2);
}

/* A pass over a large array is longer than the batch that was asked for. */
static void test_large_arrays_take_longer(void **state)
{
	double small =
	        seconds_of("kernel read --variant avx2 --size 1M --samples 5 --batch-us 1\n");
	double large =
	        seconds_of("kernel read --variant avx2 --size 1G --samples 5 --batch-us 1\n");

	(void)state;
	assert_true(large > small + 1);
}

static void test_cells_add_up(void **state)
{
	double one = seconds_of("kernel cpuid --variant 0x0\n");
	double all = seconds_of("kernel cpuid --variant 0x0\nkernel cpuid --variant 0x1\n");

	(void)state;
	assert_true(all > 1.99 * one && all < 2.01 * one);
}

static void test_texts(void **state)
{
	char text[SUITE_TIME_TEXT];

	(void)state;
	assert_string_equal(suite_time_text(3, text), "1 min");
	assert_string_equal(suite_time_text(600, text), "10 min");
	assert_string_equal(suite_time_text(2 * 3600 + 61, text), "2:02 h");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_samples_and_batches_count),
	        cmocka_unit_test(test_large_arrays_take_longer),
	        cmocka_unit_test(test_cells_add_up),
	        cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
