/* SPDX-License-Identifier: MIT */
/* The gnuplot script of a chart. */
#ifndef ANALYSIS_SHOW_CHART_SCRIPT_H
#define ANALYSIS_SHOW_CHART_SCRIPT_H

#include <stdio.h>

#include "analysis/show/chart.h"

/* The first line of a script, by which a picture is known to be one of ours; with the name. */
#define CHART_SCRIPT_MARK "# gnuplot %s.gp"

/* It draws NAME.svg and NAME.png from NAME.csv in its own directory. */
void chart_script(FILE *out, const struct chart *chart);

#endif
