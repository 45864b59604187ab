/* SPDX-License-Identifier: MIT */
/*
 * How far the samples of a row lie around its median, as a reader has to take it.
 *
 * The MAD is the distance within which half of the samples lie. Where it is larger than the median
 * itself, that half reaches from nothing to twice the median and beyond: not even the order of
 * magnitude is known, and the median is printed as "?" instead of as a number. It stays in
 * summary.csv, beside its MAD.
 */
#ifndef ANALYSIS_DECIDE_SPREAD_H
#define ANALYSIS_DECIDE_SPREAD_H

#include "analysis/decide/summary_row.h"

#define SPREAD_WIDE      10  /* percent: marked where the MAD itself has no room */
#define SPREAD_NO_FIGURE 100 /* percent: more than this is no figure */

/* The MAD in percent of the median; NaN where there is none. */
double spread_percent(const struct summary_row *row);

/* Is the median one that must not be printed as a figure? */
bool spread_no_figure(const struct summary_row *row);

#endif
