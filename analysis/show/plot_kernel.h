/* SPDX-License-Identifier: MIT */
/* The pictures of one kernel. Private to plot.c. */
#ifndef ANALYSIS_SHOW_PLOT_KERNEL_H
#define ANALYSIS_SHOW_PLOT_KERNEL_H

#include "analysis/read/label.h"
#include "analysis/show/plot.h"

/*
 * What a kernel's cells are drawn over: the size if there are several, else the threads, else the
 * params; LABEL_PART_COUNT when none of them varies.
 */
enum label_part plot_axis(const struct samples *s, size_t first, size_t count);

/* Draw the cells first to first + count - 1, which are those of one kernel. */
int plot_kernel(const struct compare *compare, const struct machine *machine, size_t first,
                size_t count, const char *directory, struct plot *plot, struct err *e);

/* Draw `chart`, free it and add it to `plot`; one without a point is only freed. In plot.c. */
int plot_add(struct plot *plot, struct chart *chart, const char *directory, uint32_t kernel,
             const char *text, struct err *e);

#endif
