/* SPDX-License-Identifier: MIT */
/* In how many cells of a comparison would a difference have been found, and what is in the way of
 * the others? */
#ifndef ANALYSIS_DECIDE_REACH_H
#define ANALYSIS_DECIDE_REACH_H

#include "analysis/decide/compare.h"

struct reach {
	double margin;      /* 0.03: 3 % */
	bool planned;       /* the rounds were made for it; otherwise it is that of `same` */
	size_t cells;       /* with a ratio on which a verdict is passed */
	size_t reached;     /* of these: compare_cell.finds is no more than the margin */
	size_t no_interval; /* the others, by what is in the way: power_scatter() */
	size_t launches, rounds, samples, clock;
};

struct reach reach_make(const struct compare *compare);

/* As sentences; "" where there is no such cell. Returns `text`. */
#define REACH_TEXT 512
const char *reach_text(const struct reach *reach, char text[REACH_TEXT]);

#endif
