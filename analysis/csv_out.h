/* SPDX-License-Identifier: MIT */
/* The numbers of every CSV that analysis writes; texts are harness/result.h's. */
#ifndef ANALYSIS_CSV_OUT_H
#define ANALYSIS_CSV_OUT_H

#include <stdio.h>

/* Nine significant digits; nothing for a NaN, which stands for a number that is not known. */
void csv_out_number(FILE *out, double value);

#endif
