/* SPDX-License-Identifier: MIT */
/* The data of a chart, beside its gnuplot script. */
#ifndef ANALYSIS_SHOW_CHART_DATA_H
#define ANALYSIS_SHOW_CHART_DATA_H

#include <stdio.h>

#include "analysis/show/chart.h"

/* As CSV, one row a point, series after series: the script counts on that order. */
void chart_data(FILE *out, const struct chart *chart);

#endif
