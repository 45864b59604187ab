/* SPDX-License-Identifier: MIT */
/* Results for a spreadsheet: one row a cell, the platforms side by side. */
#ifndef ANALYSIS_SHOW_EXPORT_H
#define ANALYSIS_SHOW_EXPORT_H

#include <stdio.h>

#include "analysis/decide/compare.h"

/*
 * Print CSV: the cell (kernel, variant, size, threads, pages, backing, fill, params, unit), then
 * for every platform that was measured, named "nosev" or "nosev_tcg", the columns NAME_median_ns,
 * NAME_mad_ns, NAME_gbps (read + written), NAME_rounds, and NAME_ratio, NAME_low, NAME_high,
 * NAME_verdict against the comparison's reference. What is not known is an empty field.
 */
int export_wide(FILE *out, const struct compare *compare, struct err *e);

#endif
