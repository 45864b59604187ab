/* SPDX-License-Identifier: MIT */
#include "analysis/read/number.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERCENT_MOST 1e6

/* Digits that a uint64_t always holds, and a double holds exactly. */
#define COUNT_DIGITS 19
#define EXACT_DIGITS 15

/* What number_three writes without an exponent. */
#define FIXED_DECIMALS 7
#define FIXED_MOST     1e9

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool number_count(const char *text, size_t size, uint64_t *value)
{
	uint64_t v = 0;

	if (!size)
		return false;
	for (size_t i = 0; i < size; i++) {
		uint64_t digit;

		if (!is_digit(text[i]))
			return false;
		digit = (uint64_t)(text[i] - '0');
		if (i >= COUNT_DIGITS && (v > UINT64_MAX / 10 || v * 10 > UINT64_MAX - digit))
			return false;
		v = v * 10 + digit;
	}
	*value = v;
	return true;
}

/* Correctly rounded for every number, also those that the short way cannot do exactly. */
static bool decimal_slow(const char *text, size_t size, double *value)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	char *end;

	if (!c)
		return false;
	*value = strtod_l(text, &end, c);
	freelocale(c);
	return end == text + size && isfinite(*value);
}

bool number_decimal(const char *text, size_t size, double *value)
{
	static const double power[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
	                               1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	uint64_t digits = 0;
	size_t count = 0, fraction = 0;
	bool point = false;

	if (!size || !is_digit(text[0]))
		return false;
	for (size_t i = 0; i < size; i++) {
		if (is_digit(text[i])) {
			digits = digits * 10 + (uint64_t)(text[i] - '0');
			fraction += point;
			if (++count > EXACT_DIGITS)
				break;
		} else if (text[i] == '.' && !point) {
			point = true;
		} else if (text[i] == 'e' || text[i] == 'E') {
			count = EXACT_DIGITS + 1;
			break;
		} else {
			return false;
		}
	}
	if (count <= EXACT_DIGITS) {
		/* Both are exact, so the one rounding of the division is correct. */
		*value = (double)digits / power[fraction];
		return true;
	}
	if (strspn(text, "0123456789.eE+-") != size)
		return false;
	return decimal_slow(text, size, value);
}

/* A point, whatever the locale's sign is. */
static const char *put_point(char text[NUMBER_TEXT])
{
	const char *point = localeconv()->decimal_point;
	char *found = strstr(text, point);

	if (found && strcmp(point, ".") != 0) {
		size_t width = strlen(point);

		*found = '.';
		memmove(found + 1, found + width, strlen(found + width) + 1);
	}
	return text;
}

int number_percent(const char *what, const char *text, double *value, struct err *e)
{
	char digits[NUMBER_TEXT];
	size_t size = strlen(text);

	if (size && text[size - 1] == '%')
		size--;
	snprintf(digits, sizeof(digits), "%.*s", (int)size, text);
	if (size >= sizeof(digits) || !number_decimal(digits, size, value) || *value > PERCENT_MOST)
		return err_set(e, EINVAL, "%s %s is no percentage: give a number such as 3 or 0.5",
		               what, text);
	*value /= 100;
	return 0;
}

const char *number_format(double value, char text[NUMBER_TEXT])
{
	text[0] = '\0';
	if (isnan(value))
		return text;
	snprintf(text, NUMBER_TEXT, "%.9g", value);
	return put_point(text);
}

const char *number_three(double value, char text[NUMBER_TEXT])
{
	double size = fabs(value);
	int decimals = 0;

	/* What would be rounded up to 100 has its three digits already. */
	while (size > 0 && size * exp10(decimals) < 99.95)
		decimals++;
	if (decimals > FIXED_DECIMALS || size >= FIXED_MOST)
		snprintf(text, NUMBER_TEXT, "%.2e", value);
	else
		snprintf(text, NUMBER_TEXT, "%.*f", decimals, value);
	return put_point(text);
}

const char *number_ratio(double ratio, char text[NUMBER_TEXT])
{
	if (!(ratio >= 0.09995 && ratio < 9.9995))
		return number_three(ratio, text);
	snprintf(text, NUMBER_TEXT, "%.3f", ratio);
	return put_point(text);
}

const char *number_interval(double ratio, double low, double high, char text[NUMBER_INTERVAL_TEXT])
{
	char middle[NUMBER_TEXT], from[NUMBER_TEXT], to[NUMBER_TEXT];

	if (isnan(ratio))
		snprintf(text, NUMBER_INTERVAL_TEXT, "-");
	else if (isnan(low))
		snprintf(text, NUMBER_INTERVAL_TEXT, "%s [no interval]",
		         number_ratio(ratio, middle));
	else
		snprintf(text, NUMBER_INTERVAL_TEXT, "%s [%s, %s]", number_ratio(ratio, middle),
		         number_ratio(low, from), number_ratio(high, to));
	return text;
}
