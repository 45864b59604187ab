/* SPDX-License-Identifier: MIT */
#include "analysis/decide/rounds.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/stats.h"

const struct samples_group *rounds_partner(const struct samples *s, const struct summary_row *row,
                                           const struct samples_group *group)
{
	for (size_t i = 0; i < row->group_count; i++) {
		const struct samples_group *g = &s->groups[row->first_group + i];

		if (samples_measured(g) && g->key.source == group->key.source &&
		    g->key.run == group->key.run && g->key.round == group->key.round)
			return g;
	}
	return NULL;
}

/* The median of a series, and *error of it. */
static int take_series(const struct samples_series *series, struct rounds_room *room,
                       double *median, double *error)
{
	if (room->count < series->count) {
		double *bigger = realloc(room->values, series->count * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		room->values = bigger;
		room->count = series->count;
	}
	if (series->count)
		memcpy(room->values, series->ns, series->count * sizeof(*series->ns));
	stats_sort(room->values, series->count);
	*median = stats_quantile(room->values, series->count, 0.5);
	*error = stats_median_error(room->values, series->count);
	return 0;
}

/* A time lies anywhere within the step in which it was read: a uniform distribution. */
static double clock_error(const struct samples_group *g)
{
	const struct samples_series *op = &g->series[SERIES_OP];
	double batch = (double)g->iterations / (double)op->count;
	double error = g->tsc_step / g->tsc_hz * 1e9 / batch / sqrt(12);

	if (!(isfinite(error) && error > 0))
		return 0;
	return g->series[SERIES_BASELINE].count ? error * sqrt(2) : error;
}

int rounds_take(const struct samples *samples, const struct samples_group *g,
                struct rounds_room *room, struct estimate_round *round)
{
	unsigned pilot = samples->sources[g->key.source].pilot;
	double baseline, error;
	int rc = take_series(&g->series[SERIES_OP], room, &round->ns, &round->samples);

	if (!rc && g->series[SERIES_BASELINE].count) {
		rc = take_series(&g->series[SERIES_BASELINE], room, &baseline, &error);
		if (rc)
			return rc;
		round->ns -= baseline;
		round->samples = hypot(round->samples, error);
	}
	round->log = log(round->ns);
	round->clock = clock_error(g);
	round->further = pilot && g->key.round > pilot;
	return rc;
}

void rounds_room_free(struct rounds_room *room)
{
	free(room->values);
	*room = (struct rounds_room){.values = NULL};
}

int rounds_load(const struct samples *samples, const struct summary_row *row,
                const struct summary_row *other, struct rounds *rounds, struct err *e)
{
	struct rounds_room room = {.values = NULL};
	bool no_memory;

	*rounds = (struct rounds){.a = calloc(row->group_count, sizeof(*rounds->a)),
	                          .b = calloc(row->group_count, sizeof(*rounds->b))};
	no_memory = !rounds->a || !rounds->b;
	for (size_t i = 0; i < row->group_count && !no_memory; i++) {
		const struct samples_group *g = &samples->groups[row->first_group + i];
		const struct samples_group *partner = other ? rounds_partner(samples, other, g) : g;

		if (!samples_measured(g) || !partner)
			continue;
		no_memory = rounds_take(samples, g, &room, &rounds->a[rounds->count]) ||
		            rounds_take(samples, partner, &room, &rounds->b[rounds->count]);
		rounds->count++;
	}
	rounds_room_free(&room);
	if (!no_memory)
		return 0;
	rounds_free(rounds);
	return err_set(e, ENOMEM, "no memory for the rounds of two cells");
}

void rounds_free(struct rounds *rounds)
{
	free(rounds->a);
	free(rounds->b);
	*rounds = (struct rounds){.a = NULL};
}
