/* SPDX-License-Identifier: MIT */
/* The figures of a line of the table, in one unit, and the footnotes on them. */
#ifndef ANALYSIS_SHOW_TABLE_FIGURES_H
#define ANALYSIS_SHOW_TABLE_FIGURES_H

#include "analysis/show/columns.h"
#include "analysis/show/notes.h"

/* One figure a column. */
struct table_figures {
	double ns[COLUMNS_MAX];     /* time; the ratios are of these */
	double shown[COLUMNS_MAX];  /* in the row's unit; NaN: none */
	double spread[COLUMNS_MAX]; /* MAD in percent; NaN: none */
	int note[COLUMNS_MAX];      /* why there is no figure; 0: nobody planned one */
	int doubt[COLUMNS_MAX][2];  /* footnotes on exits and on rounds; 0: none */
	const char *unit;
};

/*
 * The median or rate of a cell; `cycles`: core cycles instead of time, where every column has them.
 * Why a figure is missing, or doubtful, goes to `notes`. -ENOMEM.
 */
int table_figures_cell(const struct summary *summary, const struct columns *columns, uint32_t cell,
                       bool cycles, struct notes *notes, struct table_figures *f, struct err *e);

/* A percentile of a cell whose operations were timed alone; false where no column has it. */
bool table_figures_tail(const struct summary *summary, const struct columns *columns, uint32_t cell,
                        enum summary_tail tail, struct table_figures *f);

/* The part of the memory's theoretical speed; false where no column has it. */
bool table_figures_peak(const struct summary *summary, const struct columns *columns, uint32_t cell,
                        struct table_figures *f);

#endif
