/* SPDX-License-Identifier: MIT */
/* The figures of a line of the table, in one unit, and the footnotes on them. */
#ifndef ANALYSIS_SHOW_TABLE_FIGURES_H
#define ANALYSIS_SHOW_TABLE_FIGURES_H

#include "analysis/read/number.h"
#include "analysis/show/columns.h"
#include "analysis/show/notes.h"

#define TABLE_FIGURES_TEXT (NUMBER_TEXT + 2)

/* One figure a column. */
struct table_figures {
	double ns[COLUMNS_MAX];        /* time; the ratios are of these */
	double shown[COLUMNS_MAX];     /* in the row's unit; NaN: none */
	double spread[COLUMNS_MAX];    /* MAD in percent; NaN: none */
	bool vague[COLUMNS_MAX];       /* measured, but no figure (analysis/decide/spread.h) */
	int note[COLUMNS_MAX];         /* why there is no figure; 0: nobody planned one */
	int doubt[COLUMNS_MAX][2];     /* footnotes on exits and on rounds; 0: none */
	const char *mark[COLUMNS_MAX]; /* what table_figures_mark() put there, or NULL */
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

/*
 * For where neither the MAD nor a disturbance has room: "!" where a disturbance can have moved
 * `figure`, otherwise "~" where the MAD is over SPREAD_WIDE and not printed, as it is with the
 * reference.
 */
void table_figures_mark(const struct summary *summary, const struct columns *columns, uint32_t cell,
                        enum summary_tail figure, struct table_figures *f);

/* As they are printed, into `text`: "12.3", "?", "[1]" or "-"; "1.4%" and "1.03x", or "". */
const char *table_figures_value(const struct table_figures *f, size_t column,
                                char text[TABLE_FIGURES_TEXT]);
const char *table_figures_mad(const struct table_figures *f, size_t column,
                              char text[TABLE_FIGURES_TEXT]);
const char *table_figures_ratio(const struct table_figures *f, size_t column,
                                char text[TABLE_FIGURES_TEXT]);

#endif
