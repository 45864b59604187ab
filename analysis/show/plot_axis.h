/* SPDX-License-Identifier: MIT */
/* What the cells of a kernel are drawn over. */
#ifndef ANALYSIS_SHOW_PLOT_AXIS_H
#define ANALYSIS_SHOW_PLOT_AXIS_H

#include "analysis/read/label.h"

/*
 * Of the `count` cells from `first`, which are those of one kernel: the size if there are several,
 * else the threads, else the params; LABEL_PART_COUNT when none of them varies.
 */
enum label_part plot_axis(const struct samples *s, size_t first, size_t count);

#endif
