/* SPDX-License-Identifier: MIT */
/* The heavy half of compare_make(): every cell's estimate, by several threads. */
#ifndef ANALYSIS_DECIDE_COMPARE_WORK_H
#define ANALYSIS_DECIDE_COMPARE_WORK_H

#include "analysis/decide/compare_cells.h"

/*
 * Fill rounds, paired, ratio, low, high, error, freedom, samples_share, clock, finds, scatter, p
 * and unresolved of every compare->cells[i] that has a reference, and ratio, low and high of every
 * kernel. `order` lists the cells kernel by kernel as they stand in compare->kernels, kernel k has
 * `sizes[k]` of them. The outcome does not depend on the threads.
 */
int compare_work(struct compare *compare, const size_t *order, const size_t *sizes, struct err *e);

#endif
