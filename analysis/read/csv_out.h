/* SPDX-License-Identifier: MIT */
/* The numbers and cells of every CSV that analysis writes; texts are harness/result.h's. */
#ifndef ANALYSIS_READ_CSV_OUT_H
#define ANALYSIS_READ_CSV_OUT_H

#include <stdio.h>

#include "analysis/read/samples.h"

/* Nine significant digits; nothing for a NaN, which stands for a number that is not known. */
void csv_out_number(FILE *out, double value);

/* The fields CSV_OUT_CELL of a cell, without a comma behind the last. */
#define CSV_OUT_CELL "kernel,variant,size,threads,pages,backing,fill,params,unit"
void csv_out_cell(FILE *out, const struct samples *s, const struct samples_cell *cell);

/* The same of several, with a comma before each. */
void csv_out_numbers(FILE *out, const double *numbers, size_t count);

#endif
