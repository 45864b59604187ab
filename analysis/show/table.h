/* SPDX-License-Identifier: MIT */
/* The comparison as a page of text: plain ASCII, at most TABLE_WIDTH columns. */
#ifndef ANALYSIS_SHOW_TABLE_H
#define ANALYSIS_SHOW_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/decide/summary.h"
#include "analysis/show/table_layout.h"

#define TABLE_WIDTH TABLE_LAYOUT_WIDTH

/* No platform was asked for as the reference. */
#define TABLE_REFERENCE_AUTO (-1)

struct table_options {
	int reference; /* enum platform, or TABLE_REFERENCE_AUTO: summary_reference() */
	bool cycles;   /* core cycles instead of time, where every column has them */
};

/*
 * Print the cells kernel by kernel: for each platform that was measured the median, the MAD in
 * percent of it (of more than three platforms: of the reference alone, and marks for the others),
 * and the time as a multiple of the reference's. A cell that was not measured shows
 * the number of a footnote with its reason; platforms without any measured cell are footnotes only.
 * Fails (-EINVAL) when the reference that was asked for was not measured.
 */
int table_print(FILE *out, const struct summary *summary, const struct table_options *options,
                struct err *e);

#endif
