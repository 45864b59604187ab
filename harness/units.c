/* SPDX-License-Identifier: MIT */
#include "harness/units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Digits only: strtoull alone would take a sign, white space and wrap "-1" round. */
static int parse_digits(const char *text, const char **rest, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	*rest = end;
	return errno == ERANGE ? -ERANGE : 0;
}

static int parse_suffix(const char *suffix, unsigned *shift)
{
	static const struct {
		const char *text;
		unsigned shift;
	} suffixes[] = {
	        {"", 0},     {"K", 10},   {"M", 20},   {"G", 30},   {"T", 40},
	        {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}, {"B", 0},
	};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (!strcasecmp(suffix, suffixes[i].text)) {
			*shift = suffixes[i].shift;
			return 0;
		}
	}
	return -EINVAL;
}

int units_parse_size(const char *text, uint64_t *bytes, struct err *e)
{
	const char *suffix = "";
	uint64_t value = 0;
	unsigned shift = 0;
	int rc = parse_digits(text, &suffix, &value);

	if (rc == -EINVAL || (!rc && parse_suffix(suffix, &shift)))
		return err_set(
		        e, EINVAL,
		        "\"%s\" is not a size: write a positive whole number of bytes, with K, "
		        "M, G or T after it if you like (64M)",
		        text);
	if (rc || value > UINT64_MAX >> shift)
		return err_set(e, ERANGE, "the size \"%s\" does not fit in 64 bits", text);
	if (value == 0)
		return err_set(e, EINVAL,
		               "the size \"%s\" is zero: there would be nothing to measure", text);
	*bytes = value << shift;
	return 0;
}

int units_parse_number(const char *what, const char *text, uint64_t min, uint64_t max,
                       uint64_t *value, struct err *e)
{
	const char *rest = "";
	uint64_t number = 0;
	int rc = parse_digits(text, &rest, &number);

	if (rc == -EINVAL || *rest)
		return err_set(e, EINVAL, "%s: \"%s\" is not a whole number", what, text);
	if (rc || number < min || number > max)
		return err_set(e, ERANGE, "%s: %s is not between %" PRIu64 " and %" PRIu64, what,
		               text, min, max);
	*value = number;
	return 0;
}

const char *units_size(uint64_t bytes, char text[UNITS_TEXT])
{
	static const char suffix[] = "\0KMGT";
	unsigned i = 0;

	while (i < 4 && bytes && bytes % 1024 == 0) {
		bytes /= 1024;
		i++;
	}
	snprintf(text, UNITS_TEXT, "%" PRIu64 "%.1s", bytes, suffix + i);
	return text;
}

/*
 * Three significant digits without an exponent, and with a point in every locale: the fraction is
 * printed as an integer.
 */
static void three_digits(double x, const char *unit, char text[UNITS_TEXT])
{
	const char *sign = x < 0 ? "-" : "";
	long digits;

	x = fabs(x);
	if (x < 9.995) {
		digits = lrint(x * 100);
		snprintf(text, UNITS_TEXT, "%s%ld.%02ld %s", sign, digits / 100, digits % 100,
		         unit);
	} else if (x < 99.95) {
		digits = lrint(x * 10);
		snprintf(text, UNITS_TEXT, "%s%ld.%ld %s", sign, digits / 10, digits % 10, unit);
	} else {
		snprintf(text, UNITS_TEXT, "%s%.0f %s", sign, x, unit);
	}
}

struct scale {
	double divisor;
	const char *unit;
};

/* `scales` ascending, the last with divisor 0 as end. */
static const char *scaled(double x, const struct scale *scales, char text[UNITS_TEXT])
{
	const struct scale *s = scales;

	if (!isfinite(x)) {
		snprintf(text, UNITS_TEXT, "n/a");
		return text;
	}
	while (s[1].divisor > 0 && fabs(x) >= 0.9995 * s[1].divisor)
		s++;
	three_digits(x / s->divisor, s->unit, text);
	return text;
}

const char *units_ns(double ns, char text[UNITS_TEXT])
{
	static const struct scale scales[] = {
	        {1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}, {0, NULL}};

	return scaled(ns, scales, text);
}

const char *units_rate(double bytes, double ns, char text[UNITS_TEXT])
{
	/* bytes a nanosecond are GB a second */
	static const struct scale scales[] = {
	        {1e-6, "kB/s"}, {1e-3, "MB/s"}, {1, "GB/s"}, {1e3, "TB/s"}, {0, NULL}};

	return scaled(ns > 0 ? bytes / ns : (double)NAN, scales, text);
}
