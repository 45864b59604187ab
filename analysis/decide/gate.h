/* SPDX-License-Identifier: MIT */
/*
 * Is any cell slower by more than a limit, and which cells could not be judged? A gate that passes
 * has judged all of them.
 *
 * "Slower by more than 3 %" is a test of the ratio against 1.03, one-sided, by the error of the
 * cell (analysis/decide/estimate.h), corrected over all cells that are not the same: a cell at
 * +2.9 % whose point estimate is +3.1 % is not that. A cell whose ratio is above the limit and not
 * beyond it by that test is not judged, nor is one that has no interval, lacks rounds that failed
 * or were skipped, left the guest otherwise than it must, has nothing to be compared with, or is
 * gone.
 */
#ifndef ANALYSIS_DECIDE_GATE_H
#define ANALYSIS_DECIDE_GATE_H

#include "analysis/decide/compare.h"

#define GATE_TEXT 320

struct gate_row {
	const struct compare_cell *cell; /* NULL: it has no result now */
	const struct summary_row *row;   /* of it, or what was measured before, or failed */
	double q;                        /* of "slower by more than the limit"; NaN: no interval */
	bool slower, judged;             /* neither where it is not judged */
};

struct gate {
	const struct compare *compare;
	double limit;          /* 0.03: 3 % */
	struct gate_row *rows; /* the cells, then what has no result */
	size_t count;
	size_t slower, unjudged;
	size_t blind; /* of the judged: a slowdown of twice the limit would not be found */
	double least; /* the p-value that finds the first of them: 0.05 over their number */
};

/* Of a comparison that outlives it. -ENOMEM. */
int gate_make(const struct compare *compare, double limit, struct gate *gate, struct err *e);
void gate_free(struct gate *gate);

/* "slower", "not judged" or "passed". */
const char *gate_word(const struct gate_row *row);

/* Why a row was not judged; "" where it was. Returns `text`. */
const char *gate_why(const struct gate *gate, const struct gate_row *row, char text[GATE_TEXT]);

#endif
