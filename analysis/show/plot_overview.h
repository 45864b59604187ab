/* SPDX-License-Identifier: MIT */
/* The picture of all kernels. */
#ifndef ANALYSIS_SHOW_PLOT_OVERVIEW_H
#define ANALYSIS_SHOW_PLOT_OVERVIEW_H

#include "analysis/decide/compare.h"
#include "analysis/show/plot_picture.h"

/* Draw the geometric mean of every kernel's ratios, the slowest kernel on top. */
int plot_overview(const struct compare *compare, const struct folder *folder, struct plot *plot,
                  struct err *e);

#endif
