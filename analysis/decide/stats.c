/* SPDX-License-Identifier: MIT */
#include "analysis/decide/stats.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>

void stats_sort(double *values, size_t count)
{
	gsl_sort(values, 1, count);
}

double stats_quantile(const double *sorted, size_t count, double q)
{
	return count ? gsl_stats_quantile_from_sorted_data(sorted, 1, count, q) : NAN;
}

double stats_median(double *values, size_t count)
{
	return count ? gsl_stats_median(values, 1, count) : NAN;
}

double stats_mad(double *values, size_t count, double centre)
{
	for (size_t i = 0; i < count; i++)
		values[i] = fabs(values[i] - centre);
	return stats_median(values, count);
}

double stats_median_error(const double *sorted, size_t count)
{
	const double z = 2.5758293035489; /* 99.5 % of the normal distribution */
	double n = (double)count, rank = round((n + 1) / 2 - z * sqrt(n / 4));
	size_t from = rank < 1 ? 1 : (size_t)rank;

	return count < 2 ? 0 : (sorted[count - from] - sorted[from - 1]) / (2 * z);
}

double stats_geometric_mean(const double *values, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += log(values[i]);
	return count ? exp(sum / (double)count) : NAN;
}
