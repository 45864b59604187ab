/* SPDX-License-Identifier: MIT */
/* The fields of every CSV that analysis writes: RFC 4180 quotes, a point in every locale. */
#ifndef ANALYSIS_CSV_OUT_H
#define ANALYSIS_CSV_OUT_H

#include <stdio.h>

/* A text, in quotes where it needs them; control characters become spaces. */
void csv_out_text(FILE *out, const char *text);

/* Nine significant digits; nothing for a NaN, which stands for a number that is not known. */
void csv_out_number(FILE *out, double value);

#endif
