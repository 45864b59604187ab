/* SPDX-License-Identifier: MIT */
/* The axes of a chart, as lines of its gnuplot script: ranges, tics, and what is marked on them. */
#ifndef ANALYSIS_SHOW_CHART_AXIS_H
#define ANALYSIS_SHOW_CHART_AXIS_H

#include <stdio.h>

#include "analysis/show/chart.h"

/* The range of all values, so that panels can be compared; what no logarithm has is left out. */
void chart_axis_values(const struct chart *chart, double *least, double *most);

/*
 * A logarithmic axis, 'x' or 'y'; `time`: of nanoseconds, with units at the tics. These are as
 * dense as `room` allows: 1, 1.5, 2, 3, 5, 7 where there is little more than a decade, then 1, 2,
 * 5, and powers of ten, at most a dozen, where there are more decades than `room`. Both ends are
 * finite and positive (chart_trim).
 */
void chart_axis_log(FILE *out, char axis, double least, double most, bool time, double room);

/* A linear axis from 0, or from the least value where that is negative. */
void chart_axis_linear(FILE *out, char axis, double least, double most);

/* Both axes of a chart of lines, its edges and its mark. */
void chart_axis_lines(FILE *out, const struct chart *chart);

#endif
