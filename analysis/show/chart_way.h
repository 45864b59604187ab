/* SPDX-License-Identifier: MIT */
/* The drawing of CHART_WAY, as lines of its gnuplot script: lanes, and from one to another. */
#ifndef ANALYSIS_SHOW_CHART_WAY_H
#define ANALYSIS_SHOW_CHART_WAY_H

#include <stdio.h>

#include "analysis/show/chart.h"

/* Of all panels, side by side, in pixels. */
int chart_way_width(const struct chart *chart);
int chart_way_height(const struct chart *chart);

/* The panels, in a picture of that size, below `top` of its pixels. */
void chart_way_put(FILE *out, const struct chart *chart, int width, int height, int top);

#endif
