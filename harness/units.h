/* SPDX-License-Identifier: MIT */
/* Numbers as people write them, read and printed the same way under every locale. */
#ifndef HARNESS_UNITS_H
#define HARNESS_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"

#define UNITS_TEXT 32 /* room for every text that this file formats, with its NUL */

/*
 * Read a size in bytes: digits and one optional suffix K, M, G or T (powers of 1024; "KiB" and the
 * like are the same, case does not matter). 0, signs, fractions and overflow are refused (-EINVAL,
 * -ERANGE) with a sentence that quotes `text`.
 */
int units_parse_size(const char *text, uint64_t *bytes, struct err *e);

/* Read a decimal number in [min, max]; `what` names it in the sentence ("--samples"). */
int units_parse_number(const char *what, const char *text, uint64_t min, uint64_t max,
                       uint64_t *value, struct err *e);

/* "64M", "4K", "1G", or plain digits where no suffix fits exactly: units_parse_size reads it back.
 */
const char *units_size(uint64_t bytes, char text[UNITS_TEXT]);

/* "17.3 ns", "2.41 us", "5.03 ms", "1.20 s": three significant digits. */
const char *units_ns(double ns, char text[UNITS_TEXT]);

/* "19.8 GB/s" (10^9 bytes a second), "412 MB/s". `bytes` in `ns` nanoseconds. */
const char *units_rate(double bytes, double ns, char text[UNITS_TEXT]);

#endif
