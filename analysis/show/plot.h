/* SPDX-License-Identifier: MIT */
/* Which pictures a run is worth, and their data. How they look: analysis/show/chart.h. */
#ifndef ANALYSIS_SHOW_PLOT_H
#define ANALYSIS_SHOW_PLOT_H

#include "analysis/decide/compare.h"
#include "analysis/read/machine.h"
#include "analysis/show/plot_picture.h"

/*
 * Draw into `folder`:
 *   overview            geometric mean of the ratios of every kernel, with interval
 *   KERNEL              rate or time over size, threads or another axis, a panel a variant
 *   KERNEL-ratio        the same as ratios to the reference, with intervals
 *   KERNEL-distribution of single operations, the share that takes longer than x, with a log tail
 *   switches            the time of every operation that has no size
 *   decomposition       what of it is #VC, the exit to KVM, and the trip to QEMU
 *   where-a-cpuid-goes  its legs on each platform, and the parts that were measured
 *   stream-percent      STREAM in percent of the memory's theoretical peak, or of the best that was
 *                       measured where that is not known
 *   rates               bandwidth kernels that were measured at one size
 * Only side 0 of the results is drawn. Pictures that would show nothing are left out.
 */
int plot_draw(const struct compare *compare, const struct machine *machine,
              const struct folder *folder, struct plot *plot, struct err *e);
void plot_free(struct plot *plot);

#endif
