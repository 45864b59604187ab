/* SPDX-License-Identifier: MIT */
#include "analysis/decide/rounds.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/stats.h"

static const struct samples_group *same_round(const struct samples *s,
                                              const struct summary_row *row,
                                              const struct samples_group *wanted)
{
	for (size_t i = 0; i < row->group_count; i++) {
		const struct samples_group *g = &s->groups[row->first_group + i];

		if (samples_measured(g) && g->key.source == wanted->key.source &&
		    g->key.run == wanted->key.run && g->key.round == wanted->key.round)
			return g;
	}
	return NULL;
}

static const double *sorted_copy(const struct samples_series *series, bool *no_memory)
{
	double *copy = malloc((series->count + 1) * sizeof(*copy));

	if (!copy) {
		*no_memory = true;
		return NULL;
	}
	if (series->count)
		memcpy(copy, series->ns, series->count * sizeof(*copy));
	stats_sort(copy, series->count);
	return copy;
}

static struct bootstrap_round take_round(const struct samples_group *g, bool *no_memory)
{
	struct bootstrap_round round = {
	        .op = sorted_copy(&g->series[SERIES_OP], no_memory),
	        .baseline = sorted_copy(&g->series[SERIES_BASELINE], no_memory),
	        .op_count = g->series[SERIES_OP].count,
	        .baseline_count = g->series[SERIES_BASELINE].count,
	};

	if (!*no_memory)
		round.log_centre = log(bootstrap_centre(&round));
	return round;
}

int rounds_load(const struct samples *samples, const struct summary_row *row,
                const struct summary_row *other, struct rounds *rounds, struct err *e)
{
	bool no_memory;

	*rounds = (struct rounds){.a = calloc(row->group_count, sizeof(*rounds->a)),
	                          .b = calloc(row->group_count, sizeof(*rounds->b))};
	no_memory = !rounds->a || !rounds->b;
	for (size_t i = 0; i < row->group_count && !no_memory; i++) {
		const struct samples_group *g = &samples->groups[row->first_group + i];
		const struct samples_group *partner = other ? same_round(samples, other, g) : g;

		if (!samples_measured(g) || !partner)
			continue;
		rounds->a[rounds->count] = take_round(g, &no_memory);
		rounds->b[rounds->count++] = take_round(partner, &no_memory);
	}
	if (!no_memory)
		return 0;
	rounds_free(rounds);
	return err_set(e, ENOMEM, "no memory for the rounds of two cells");
}

static void free_side(struct bootstrap_round *rounds, size_t count)
{
	for (size_t i = 0; rounds && i < count; i++) {
		free((double *)rounds[i].op);
		free((double *)rounds[i].baseline);
	}
	free(rounds);
}

void rounds_free(struct rounds *rounds)
{
	free_side(rounds->a, rounds->count);
	free_side(rounds->b, rounds->count);
	*rounds = (struct rounds){0};
}
