/* SPDX-License-Identifier: MIT */
/* What stands above the tables of the kernels: what a figure, a ratio and each mark is. */
#ifndef ANALYSIS_SHOW_TABLE_LEGEND_H
#define ANALYSIS_SHOW_TABLE_LEGEND_H

#include <stdio.h>

#include "analysis/show/columns.h"

/* Says only what the tables of `columns`, the reference first, can show. */
void table_legend(FILE *out, const struct summary *summary, const struct columns *columns);

#endif
