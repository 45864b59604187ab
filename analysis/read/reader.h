/* SPDX-License-Identifier: MIT */
/*
 * samples.csv (harness/result.h) into struct samples. Columns are found by the names in the header;
 * columns that are not known are ignored, so that a file with more of them can still be read. An
 * older schema is read, a newer one refused.
 *
 * Every complaint says file and line. What is refused: a header that lacks a column, a row with
 * more or fewer fields than the header, wrong types, NaN, infinite and negative numbers, a schema
 * that changes, samples out of order or twice, a last line without its end, an end mark that
 * disagrees with the rows, a field longer than READER_FIELD_MAX, a file that changes meanwhile, and
 * the same run twice.
 */
#ifndef ANALYSIS_READ_READER_H
#define ANALYSIS_READ_READER_H

#include <stdbool.h>

#include "analysis/read/samples.h"

#define READER_FIELD_MAX (1U << 20)

/*
 * Read `path`: a file, or a directory with samples.csv. `side` goes into its source. With `partial`
 * rows that are wrong are left out and counted in the source, and samples.csv.partial will do where
 * there is no samples.csv. To be called once a file, then samples_sort(). When it fails, `s` is fit
 * for samples_free() only.
 */
int reader_read(struct samples *s, const char *path, unsigned side, bool partial, struct err *e);

#endif
