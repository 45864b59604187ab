/* SPDX-License-Identifier: MIT */
#include "analysis/decide/modes.h"

#include <gsl/gsl_statistics.h>
#include <math.h>

#include "analysis/decide/stats.h"

static double squares(const double *values, size_t count, double mean)
{
	return gsl_stats_tss_m(values, 1, count, mean);
}

bool modes_find(double *logs, size_t count, struct modes *m)
{
	double times = count == 3 ? 120 : count == 4 ? 22 : 13, scatter;
	size_t upper;

	*m = (struct modes){.rounds = count};
	if (count < 3)
		return false;
	stats_sort(logs, count);
	for (size_t i = 1; i < count; i++) {
		if (logs[i] - logs[i - 1] > m->gap) {
			m->gap = logs[i] - logs[i - 1];
			m->lower = i;
		}
	}
	upper = count - m->lower;
	if (!(m->gap > log1p(MODES_GAP)) || (m->lower >= MODES_TOLD && upper >= MODES_TOLD))
		return false;
	m->low = gsl_stats_mean(logs, 1, m->lower);
	m->high = gsl_stats_mean(logs + m->lower, 1, upper);
	scatter =
	        sqrt((squares(logs, m->lower, m->low) + squares(logs + m->lower, upper, m->high)) /
	             (double)(count - 2));
	return m->gap > times * scatter;
}

size_t modes_rounds(const struct modes *m)
{
	size_t smaller = m->lower < m->rounds - m->lower ? m->lower : m->rounds - m->lower;

	return (MODES_TOLD * m->rounds + smaller - 1) / smaller;
}
