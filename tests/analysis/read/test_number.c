/* SPDX-License-Identifier: MIT */
#include "analysis/read/number.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/skip.h"

static bool decimal(const char *text, double *value)
{
	return number_decimal(text, strlen(text), value);
}

static bool count(const char *text, uint64_t *value)
{
	return number_count(text, strlen(text), value);
}

static void counts_are_read(void **state)
{
	uint64_t v = 1;

	(void)state;
	assert_true(count("0", &v));
	assert_int_equal(v, 0);
	assert_true(count("18446744073709551615", &v));
	assert_true(v == UINT64_MAX);
	assert_true(count("00000000000000000000000000042", &v));
	assert_int_equal(v, 42);
}

static void what_is_no_count_is_refused(void **state)
{
	static const char *const bad[] = {"",
	                                  "-1",
	                                  "+1",
	                                  "1.0",
	                                  " 1",
	                                  "1 ",
	                                  "0x1",
	                                  "1e3",
	                                  "nan",
	                                  "18446744073709551616",
	                                  "99999999999999999999",
	                                  "184467440737095516150"};
	uint64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (count(bad[i], &v))
			fail_msg("'%s' was taken for a count", bad[i]);
}

static void decimals_are_rounded_like_strtod(void **state)
{
	static const char *const good[] = {"0",
	                                   "1",
	                                   "17.250",
	                                   "0.001",
	                                   "123456.789",
	                                   "1e3",
	                                   "1.5E-3",
	                                   "1e+05",
	                                   "9007199254740993",
	                                   "0.1",
	                                   "179.99999999999999999",
	                                   "123456789012345",
	                                   "12345678901234567.891",
	                                   "4.9e-324",
	                                   "1.7976931348623157e308",
	                                   "5."};
	double v;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		if (!decimal(good[i], &v))
			fail_msg("'%s' was refused", good[i]);
		assert_true(v == strtod(good[i], NULL));
	}
}

static void what_is_no_decimal_is_refused(void **state)
{
	static const char *const bad[] = {"",      "nan",      "NaN",  "inf",
	                                  "-1",    "+1",       "1,5",  "0x10",
	                                  "1..2",  "1e",       ".",    "1e999",
	                                  "1 000", "1-",       ".5",   "1.2.3",
	                                  "1e5e5", "infinity", "1e5x", "1234567890123456x"};
	double v;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (decimal(bad[i], &v))
			fail_msg("'%s' was taken for a number", bad[i]);
}

static void a_nan_is_an_empty_text(void **state)
{
	char text[NUMBER_TEXT];

	(void)state;
	assert_string_equal(number_format((double)NAN, text), "");
	assert_string_equal(number_format(0.5, text), "0.5");
	assert_string_equal(number_format(123456789, text), "123456789");
	assert_string_equal(number_format(1.0 / 3, text), "0.333333333");
}

static void three_digits_are_significant(void **state)
{
	static const struct {
		double value;
		const char *three, *ratio;
	} rows[] = {{0, "0", "0"},
	            {1, "1.00", "1.000"},
	            {1.0354, "1.04", "1.035"},
	            {9.9996, "10.0", "10.0"},
	            {99.949, "99.9", "99.9"},
	            {99.951, "100", "100"},
	            {12480.4, "12480", "12480"},
	            {0.9996, "1.00", "1.000"},
	            {0.5, "0.500", "0.500"},
	            {0.09996, "0.100", "0.100"},
	            {0.0361, "0.0361", "0.0361"},
	            {0.003124, "0.00312", "0.00312"},
	            {0.0003, "0.000300", "0.000300"},
	            {0.0000123, "0.0000123", "0.0000123"},
	            {0.000000123, "1.23e-07", "1.23e-07"},
	            {4.5e12, "4.50e+12", "4.50e+12"}};
	char text[NUMBER_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_string_equal(number_three(rows[i].value, text), rows[i].three);
		assert_string_equal(number_ratio(rows[i].value, text), rows[i].ratio);
	}
}

static void an_interval_may_be_missing(void **state)
{
	char text[NUMBER_INTERVAL_TEXT];

	(void)state;
	assert_string_equal(number_interval(1.03, 1.0214, 1.05, text), "1.030 [1.021, 1.050]");
	assert_string_equal(number_interval(0.003, 0.0004, 0.036, text),
	                    "0.00300 [0.000400, 0.0360]");
	assert_string_equal(number_interval(20.5, (double)NAN, (double)NAN, text),
	                    "20.5 [no interval]");
	assert_string_equal(number_interval((double)NAN, (double)NAN, (double)NAN, text), "-");
}

/* A locale with a decimal comma; every Debian image can make one, few have it. */
static void the_locale_does_not_matter(void **state)
{
	char text[NUMBER_TEXT];
	double v;

	(void)state;
	if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8"))
		skip_because("no locale with a decimal comma is installed here");
	assert_string_equal(number_format(0.5, text), "0.5");
	assert_string_equal(number_three(0.5, text), "0.500");
	assert_string_equal(number_ratio(1.5, text), "1.500");
	assert_true(decimal("1234567890123456.5", &v));
	setlocale(LC_NUMERIC, "C");
	assert_true(v == 1234567890123456.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(counts_are_read),
	        cmocka_unit_test(what_is_no_count_is_refused),
	        cmocka_unit_test(decimals_are_rounded_like_strtod),
	        cmocka_unit_test(what_is_no_decimal_is_refused),
	        cmocka_unit_test(a_nan_is_an_empty_text),
	        cmocka_unit_test(three_digits_are_significant),
	        cmocka_unit_test(an_interval_may_be_missing),
	        cmocka_unit_test(the_locale_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
