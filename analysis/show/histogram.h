/* SPDX-License-Identifier: MIT */
/*
 * How often an operation took how long: the single-shot cells' samples of all rounds, each less its
 * round's baseline, counted in bins of equal width on a logarithmic scale. Where the counter that
 * timed them moves in steps, bins that would be narrower than one are joined until they are not.
 */
#ifndef ANALYSIS_SHOW_HISTOGRAM_H
#define ANALYSIS_SHOW_HISTOGRAM_H

#include <stdio.h>

#include "analysis/decide/summary.h"

#define HISTOGRAM_DECADE 10 /* bins of a power of ten: each reaches 26 % further than the last */

/* Is there anything to count? */
bool histogram_any(const struct summary *summary);

/*
 * One row a bin from the shortest to the longest time of a cell on a platform, empty ones between
 * them too: low_ns (in the bin) to high_ns (not), count and share. The first bin of a cell begins
 * at 0 where a time was no longer than its baseline.
 */
int histogram_write(FILE *out, const struct summary *summary, struct err *e);

/* The same as the file `path`, complete or not there (harness/result.h). */
int histogram_save(const struct summary *summary, const char *path, struct err *e);

#endif
