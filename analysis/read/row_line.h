/* SPDX-License-Identifier: MIT */
/* One line of samples.csv, cut into its fields by the parser that reads whole files. */
#ifndef ANALYSIS_READ_ROW_LINE_H
#define ANALYSIS_READ_ROW_LINE_H

#include <csv.h>
#include <stdbool.h>
#include <stddef.h>

#include "analysis/read/row.h"

/* How libcsv is to read samples.csv: a quote only where it belongs, and never left open. */
#define ROW_LINE_CSV (CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL | CSV_REPALL_NL)

/* Zero-initialise; row_line_free() when done. */
struct row_line {
	char *text; /* owned: the fields, each with a NUL behind it */
	size_t fill;
	size_t at[ROW_COLUMNS_MAX], size[ROW_COLUMNS_MAX];
	unsigned count;
	unsigned rows; /* that the line makes, which should be one */
};

/*
 * Cut `length` bytes, which hold no line break, in the place of the line before. -EINVAL: a quote
 * that does not belong there or is not closed, more than one row, more fields than there may be.
 */
int row_line_cut(struct row_line *l, const char *line, size_t length, struct err *e);

/* A field of it, NUL-terminated, which the caller may change in place. */
char *row_line_field(const struct row_line *l, unsigned index);

void row_line_free(struct row_line *l);

#endif
