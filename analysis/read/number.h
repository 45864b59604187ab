/* SPDX-License-Identifier: MIT */
/* Numbers of a CSV field, with a point as the decimal sign whatever the locale. */
#ifndef ANALYSIS_READ_NUMBER_H
#define ANALYSIS_READ_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"

#define NUMBER_TEXT 32

/* All of `text` is digits and fits: *value is set. `text[size]` must be readable. */
bool number_count(const char *text, size_t size, uint64_t *value);

/*
 * All of `text` is a finite decimal number that is not negative ("17", "17.25", "1.7e3"); no sign,
 * no hexadecimal, no "nan" or "inf". `text[size]` must be NUL.
 */
bool number_decimal(const char *text, size_t size, double *value);

/* "3", "3%" or "0.5" of the option `what`: 0.03 or 0.005 in *value. -EINVAL. */
int number_percent(const char *what, const char *text, double *value, struct err *e);

/*
 * Nine significant digits, no padding; "" for a NaN, which stands for a number that is not known.
 * Returns `text`.
 */
const char *number_format(double value, char text[NUMBER_TEXT]);

/*
 * For people. Three significant digits, and all of those before the point: "12480", "12.3",
 * "0.00312". A ratio has three digits behind the point where it is near 1: "1.035", but "0.00312".
 */
const char *number_three(double value, char text[NUMBER_TEXT]);
const char *number_ratio(double ratio, char text[NUMBER_TEXT]);

/* "1.035 [1.021, 1.049]", without its interval (`low` NaN) "1.035 [no interval]"; "-" for NaN. */
#define NUMBER_INTERVAL_TEXT 128
const char *number_interval(double ratio, double low, double high, char text[NUMBER_INTERVAL_TEXT]);

#endif
