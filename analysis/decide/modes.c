/* SPDX-License-Identifier: MIT */
#include "analysis/decide/modes.h"

#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdio.h>

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

static bool find_in(const struct estimate_round *rounds, size_t count, double *logs,
                    struct modes *modes)
{
	for (size_t i = 0; i < count; i++)
		logs[i] = rounds[i].log;
	return modes_find(logs, count, modes);
}

/* The largest less the smallest. */
static double range_of(double *values, size_t count)
{
	stats_sort(values, count);
	return values[count - 1] - values[0];
}

static bool beyond(const struct estimate_round *a, size_t a_count, const struct estimate_round *b,
                   size_t b_count)
{
	double most = -INFINITY, least = INFINITY;

	for (size_t i = 0; i < a_count; i++)
		most = fmax(most, a[i].log);
	for (size_t i = 0; i < b_count; i++)
		least = fmin(least, b[i].log);
	return most < least;
}

struct modes_found modes_of_ratio(const struct estimate_round *a, size_t a_count,
                                  const struct estimate_round *b, size_t b_count, bool paired,
                                  double *logs)
{
	struct modes_found found = {.of = MODES_NONE};
	double range = INFINITY;
	struct modes modes;

	found.apart = beyond(a, a_count, b, b_count) || beyond(b, b_count, a, a_count);
	if (paired) {
		for (size_t i = 0; i < a_count; i++)
			logs[i] = b[i].log - a[i].log;
		if (modes_find(logs, a_count, &modes)) {
			found.modes = modes;
			found.of = MODES_OF_BOTH;
		}
		range = range_of(logs, a_count);
	}
	for (int i = 0; i < 2; i++) {
		if (!find_in(i ? b : a, i ? b_count : a_count, logs, &modes) ||
		    range < modes.gap / 2 ||
		    (found.of == MODES_OF_A && found.modes.gap > modes.gap))
			continue;
		found.modes = modes;
		found.of = i ? MODES_OF_B : MODES_OF_A;
	}
	return found;
}

struct modes_found modes_of_difference(const struct estimate_round *a,
                                       const struct estimate_round *b, size_t count, double *logs)
{
	struct modes_found found = {.of = MODES_NONE};
	double sum = 0, range, least = INFINITY;
	struct modes modes;

	for (size_t i = 0; i < count; i++) {
		logs[i] = a[i].ns - (b ? b[i].ns : 0);
		sum += logs[i];
		least = fmin(least, logs[i]);
	}
	range = range_of(logs, count);
	for (int i = 0; i < (b ? 2 : 1); i++) {
		double gap;

		if (!find_in(i ? b : a, count, logs, &modes))
			continue;
		gap = exp(modes.high) - exp(modes.low);
		if (range < gap / 2 || gap <= MODES_GAP * fabs(sum) / (double)count)
			continue;
		found.modes = modes;
		found.of = i ? MODES_OF_B : MODES_OF_A;
	}
	if (!b || found.of || !(least > 0))
		return found;
	for (size_t i = 0; i < count; i++)
		logs[i] = log(a[i].ns - b[i].ns);
	if (modes_find(logs, count, &modes))
		found = (struct modes_found){.modes = modes, .of = MODES_OF_BOTH};
	return found;
}

const char *modes_text(const struct modes_found *found, const char *whose, const char *unit,
                       char text[MODES_TEXT])
{
	const struct modes *m = &found->modes;

	snprintf(text, MODES_TEXT,
	         "several modes: %zu of %zu rounds%s near %.4g%s, the others near %.4g%s; %zu "
	         "rounds would tell how often each comes",
	         m->lower, m->rounds, whose, exp(m->low), unit, exp(m->high), unit,
	         modes_rounds(m));
	return text;
}
