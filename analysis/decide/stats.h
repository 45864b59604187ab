/* SPDX-License-Identifier: MIT */
/*
 * Robust descriptions of a set of numbers. Quantiles are of type 7 of Hyndman and Fan, "Sample
 * Quantiles in Statistical Packages", The American Statistician 50 (1996): linear interpolation
 * between the order statistics, the default of R, numpy and pandas, so that anybody can recompute
 * them from samples.csv. Nothing here accepts NaN; of no values at all the answer is NaN.
 */
#ifndef ANALYSIS_DECIDE_STATS_H
#define ANALYSIS_DECIDE_STATS_H

#include <stddef.h>

/* Ascending, in place. */
void stats_sort(double *values, size_t count);

/* The quantile `q` in [0, 1] of values that ascend. */
double stats_quantile(const double *sorted, size_t count, double q);

/* The median; reorders `values`. */
double stats_median(double *values, size_t count);

/*
 * The median of |value - centre|, not scaled to a standard deviation (multiply by 1.4826 for that
 * under a normal distribution). `values` is overwritten by those distances.
 */
double stats_mad(double *values, size_t count, double centre);

/*
 * The standard error of the median of values that ascend, by the distance of the two order
 * statistics that make its 99 % interval: J. McKean and R. Schrader, "A comparison of methods for
 * studentizing the sample median", Communications in Statistics - Simulation and Computation 13
 * (1984). 0 of one value, which shows none.
 */
double stats_median_error(const double *sorted, size_t count);

/* The geometric mean of positive values. */
double stats_geometric_mean(const double *values, size_t count);

#endif
