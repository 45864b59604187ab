/* SPDX-License-Identifier: MIT */
/* The fields of a line of samples.csv into a struct samples_row: names, types, ranges. */
#ifndef ANALYSIS_READ_ROW_H
#define ANALYSIS_READ_ROW_H

#include <stdbool.h>

#include "analysis/read/samples.h"
#include "harness/result.h"

#define ROW_COLUMNS_MAX 256 /* far more than there are: a later schema may add some */

/*
 * What a decimal may be but 0: the most that a counter of 64 bits holds, and the smallest fraction
 * of a count that is written (bench/run/collect.c: nine digits behind the point). No machine can
 * have measured anything else, and of these every sum, quotient and logarithm is finite.
 */
#define ROW_DECIMAL_LEAST 1e-9
#define ROW_DECIMAL_MOST  18446744073709551615.0

/* The text before in a column, and what it came to: most rows repeat the row before. */
struct row_last {
	char text[48];
	size_t size;
	uint32_t value;
	bool valid;
};

struct row {
	struct samples *samples;
	struct samples_row sample; /* what row_done() leaves */

	bool header; /* the first line is being read */
	unsigned column_count;
	int column[ROW_COLUMNS_MAX]; /* by position: enum result_column, or -1: not known */

	unsigned field; /* fields of this line so far */
	bool has_ns;
	uint32_t host_pages; /* 1 + enum mem_pages; 0: not recorded */
	uint64_t schema;     /* of the rows before; 0 at first */
	uint32_t empty;      /* id of "" */
	int rc;              /* the first complaint about this line ... */
	struct err why;      /* ... and its sentence */
	struct row_last last[RESULT_COLUMN_COUNT];
};

/* Ready for the header line. Rows will belong to source `source` of `s`. */
int row_init(struct row *r, struct samples *s, uint32_t source, struct err *e);

/* A line begins. */
void row_begin(struct row *r);

/* Its next field, NUL-terminated. Returns the line breaks inside of it. */
unsigned row_field(struct row *r, const char *text, size_t size);

/* The header line is complete: -EINVAL when a column that is needed is missing or there twice. */
int row_header_done(struct row *r, struct err *e);

/*
 * A line is complete: r->sample is set, or a negative value with the first complaint about it.
 * -EPROTONOSUPPORT: a schema newer than this program, which makes the whole file unreadable.
 */
int row_done(struct row *r, struct err *e);

#endif
