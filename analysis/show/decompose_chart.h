/* SPDX-License-Identifier: MIT */
/* World switches taken apart, as bars in parts. */
#ifndef ANALYSIS_SHOW_DECOMPOSE_CHART_H
#define ANALYSIS_SHOW_DECOMPOSE_CHART_H

#include "analysis/decide/summary.h"
#include "analysis/show/chart.h"

/* A bar an operation and platform, for all that can be taken apart; maybe empty. */
int decompose_chart(const struct summary *summary, struct chart *chart, struct err *e);

#endif
