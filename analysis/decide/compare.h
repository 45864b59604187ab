/* SPDX-License-Identifier: MIT */
/*
 * Verdicts: for every cell and platform, is it slower or faster than the reference, the same within
 * a margin, or is that undecided? The statistics and their sources: analysis/decide/estimate.h.
 */
#ifndef ANALYSIS_DECIDE_COMPARE_H
#define ANALYSIS_DECIDE_COMPARE_H

#include "analysis/decide/compare_cells.h"

/* "slower" ... */
const char *compare_verdict_name(enum compare_verdict verdict);

/* Compare whatever there is. -EINVAL when the reference that was asked for was not measured. */
int compare_make(const struct summary *summary, const struct compare_options *options,
                 struct compare *compare, struct err *e);
void compare_free(struct compare *compare);

#endif
