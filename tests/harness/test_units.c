/* SPDX-License-Identifier: MIT */
#include "harness/units.h"

#include <errno.h>
#include <locale.h>
#include <math.h>

#include "tests/cmocka.h"

static void test_sizes_that_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
	        {"1", 1},
	        {"4096", 4096},
	        {"4K", 4096},
	        {"4k", 4096},
	        {"64M", 64ULL << 20},
	        {"64MiB", 64ULL << 20},
	        {"1G", 1ULL << 30},
	        {"2T", 2ULL << 40},
	        {"100B", 100},
	        {"18446744073709551615", UINT64_MAX},
	        {"16777215T", 16777215ULL << 40},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t bytes = 0;

		assert_int_equal(units_parse_size(cases[i].text, &bytes, NULL), 0);
		assert_true(bytes == cases[i].bytes);
	}
}

static void test_sizes_that_are_refused(void **state)
{
	static const struct {
		const char *text;
		int rc;
	} cases[] = {
	        {"", -EINVAL},
	        {"0", -EINVAL},
	        {"0K", -EINVAL},
	        {"-1", -EINVAL},
	        {"+1", -EINVAL},
	        {" 1", -EINVAL},
	        {"1 ", -EINVAL},
	        {"1.5G", -EINVAL},
	        {"K", -EINVAL},
	        {"4Q", -EINVAL},
	        {"4KK", -EINVAL},
	        {"0x10", -EINVAL},
	        {"1e3", -EINVAL},
	        {"nan", -EINVAL},
	        {"18446744073709551616", -ERANGE},
	        {"16777216T", -ERANGE},
	        {"99999999999999999999999G", -ERANGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t bytes = 77;
		struct err e = {""};

		assert_int_equal(units_parse_size(cases[i].text, &bytes, &e), cases[i].rc);
		assert_true(bytes == 77);
		assert_says(e, cases[i].text);
	}
}

static void test_numbers(void **state)
{
	struct err e = {""};
	uint64_t n = 0;

	(void)state;
	assert_int_equal(units_parse_number("--samples", "20", 1, 100, &n, &e), 0);
	assert_int_equal(n, 20);
	assert_int_equal(units_parse_number("--samples", "0", 1, 100, &n, &e), -ERANGE);
	assert_says(e, "--samples");
	assert_says(e, "between 1 and 100");
	assert_int_equal(units_parse_number("--samples", "101", 1, 100, &n, &e), -ERANGE);
	assert_int_equal(units_parse_number("--samples", "-3", 1, 100, &n, &e), -EINVAL);
	assert_int_equal(units_parse_number("--samples", "3x", 1, 100, &n, &e), -EINVAL);
	assert_int_equal(units_parse_number("--samples", "99999999999999999999", 1, 100, &n, &e),
	                 -ERANGE);
	assert_int_equal(n, 20);
}

static void test_sizes_that_are_written(void **state)
{
	char text[UNITS_TEXT];

	(void)state;
	assert_string_equal(units_size(0, text), "0");
	assert_string_equal(units_size(1000, text), "1000");
	assert_string_equal(units_size(4096, text), "4K");
	assert_string_equal(units_size(4097, text), "4097");
	assert_string_equal(units_size(1536ULL << 20, text), "1536M");
	assert_string_equal(units_size(1ULL << 40, text), "1T");
	assert_string_equal(units_size(UINT64_MAX, text), "18446744073709551615");
}

static void test_times_and_rates(void **state)
{
	char text[UNITS_TEXT];

	(void)state;
	assert_string_equal(units_ns(0, text), "0.00 ns");
	assert_string_equal(units_ns(1.234, text), "1.23 ns");
	assert_string_equal(units_ns(17.25, text), "17.2 ns");
	assert_string_equal(units_ns(999.4, text), "999 ns");
	assert_string_equal(units_ns(999.6, text), "1.00 us");
	assert_string_equal(units_ns(2.41e6, text), "2.41 ms");
	assert_string_equal(units_ns(3e12, text), "3000 s");
	assert_string_equal(units_ns((double)NAN, text), "n/a");
	assert_string_equal(units_rate(64e9, 1e9, text), "64.0 GB/s");
	assert_string_equal(units_rate(412e6, 1e9, text), "412 MB/s");
	assert_string_equal(units_rate(1e3, 0, text), "n/a");
}

static void test_any_locale_has_a_point(void **state)
{
	char text[UNITS_TEXT];

	(void)state;
	if (!setlocale(LC_ALL, "de_DE.UTF-8"))
		skip_because("the locale de_DE.UTF-8 is not installed");
	assert_string_equal(units_ns(1.5, text), "1.50 ns");
	setlocale(LC_ALL, "C");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_sizes_that_are_read),
	        cmocka_unit_test(test_sizes_that_are_refused),
	        cmocka_unit_test(test_numbers),
	        cmocka_unit_test(test_sizes_that_are_written),
	        cmocka_unit_test(test_times_and_rates),
	        cmocka_unit_test(test_any_locale_has_a_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
