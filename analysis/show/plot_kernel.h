/* SPDX-License-Identifier: MIT */
/* The pictures of one kernel. */
#ifndef ANALYSIS_SHOW_PLOT_KERNEL_H
#define ANALYSIS_SHOW_PLOT_KERNEL_H

#include "analysis/decide/compare.h"
#include "analysis/read/machine.h"
#include "analysis/show/plot_picture.h"

/* Draw the cells first to first + count - 1, which are those of one kernel. */
int plot_kernel(const struct compare *compare, const struct machine *machine, size_t first,
                size_t count, const struct folder *folder, struct plot *plot, struct err *e);

#endif
