/* SPDX-License-Identifier: MIT */
/* "Where a CPUID goes": its ways, lane by lane, with what was measured of each part. */
#ifndef ANALYSIS_SHOW_WAY_CHART_H
#define ANALYSIS_SHOW_WAY_CHART_H

#include "analysis/show/chart.h"
#include "analysis/show/explain_out.h"

/*
 * A panel a way that CPUID takes from user mode on a platform that is launched; empty where no
 * guest of the results executed any.
 */
int way_chart(const struct summary *summary, struct chart *chart, struct err *e);

#endif
