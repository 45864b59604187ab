/* SPDX-License-Identifier: MIT */
/* Pictures of bars: a bar a cell and platform. */
#ifndef ANALYSIS_SHOW_PLOT_BARS_H
#define ANALYSIS_SHOW_PLOT_BARS_H

#include "analysis/decide/summary.h"
#include "analysis/show/plot_picture.h"

/* Draw the cells of that unit of kernels that have no axis (analysis/show/plot_axis.h): times as
 * "switches", rates as "rates". */
int plot_bars(const struct summary *summary, enum kernel_unit unit, const struct folder *folder,
              struct plot *plot, struct err *e);

/* Draw STREAM in percent of the memory's theoretical peak, or of the best rate where that is not
 * known. */
int plot_bars_stream(const struct summary *summary, const struct folder *folder, struct plot *plot,
                     struct err *e);

#endif
