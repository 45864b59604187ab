/* SPDX-License-Identifier: MIT */
#include "analysis/decide/neighbours.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/estimate.h"
#include "analysis/decide/stats.h"

/* GB/s, or millions of iterations a second. */
static double rate_of(const struct samples *s, const struct samples_group *g, double ns)
{
	if (!(ns > 0))
		return NAN;
	return s->cells[g->key.cell].unit == UNIT_BANDWIDTH ? (g->read + g->written) / ns
	                                                    : 1e3 / ns;
}

/* The rate of `row` in round `round`: of the median, its loop subtracted. NaN where it has none. */
static int round_rate(const struct samples *s, const struct summary_row *row, uint32_t round,
                      double *rate, struct err *e)
{
	*rate = NAN;
	for (size_t i = 0; row && i < row->group_count && isnan(*rate); i++) {
		const struct samples_group *g = &s->groups[row->first_group + i];
		size_t room = g->series[SERIES_OP].count + g->series[SERIES_BASELINE].count;
		double *values, loop;

		if (g->key.round != round)
			continue;
		values = calloc(room + 1, sizeof(*values));
		if (!values)
			return err_set(e, ENOMEM, "no memory for the samples of a round");
		*rate = rate_of(s, g,
		                stats_quantile(values, summary_row_round(g, values, &loop), 0.5));
		free(values);
	}
	return 0;
}

#define UNKNOWN ((struct neighbours_ratio){.value = NAN, .low = NAN, .high = NAN})

/* Logs of rates, which are divided by one another round by round. */
struct pairs {
	struct estimate_round *a, *b;
	double *logs;
	size_t count;
};

static int pairs_make(struct pairs *pairs, size_t room, struct err *e)
{
	*pairs = (struct pairs){.a = calloc(room + 1, sizeof(*pairs->a)),
	                        .b = calloc(room + 1, sizeof(*pairs->b)),
	                        .logs = calloc(room + 1, sizeof(*pairs->logs))};
	return pairs->a && pairs->b && pairs->logs
	               ? 0
	               : err_set(e, ENOMEM, "no memory for %zu rounds", room);
}

static void pairs_free(struct pairs *pairs)
{
	free(pairs->a);
	free(pairs->b);
	free(pairs->logs);
}

static void pairs_add(struct pairs *pairs, double a, double b)
{
	pairs->a[pairs->count] = (struct estimate_round){.ns = 1, .log = a};
	pairs->b[pairs->count++] = (struct estimate_round){.ns = 1, .log = b};
}

/* Of b by a. */
static struct neighbours_ratio ratio_of(const struct pairs *p)
{
	struct neighbours_ratio ratio = UNKNOWN;
	struct estimate estimate;

	if (!p->count)
		return ratio;
	estimate = estimate_log_ratio(p->a, p->count, p->b, p->count, true);
	ratio.value = estimate_ratio(estimate.value);
	ratio.modes = modes_of_ratio(p->a, p->count, p->b, p->count, true, p->logs);
	if (!ratio.modes.of)
		estimate_ratio_interval(&estimate, NEIGHBOURS_LEVEL, &ratio.low, &ratio.high);
	return ratio;
}

/* A row's rounds while they are gathered: [0 .. guests - 1] of each guest, [guests] of all. */
struct gathered {
	double *rate, *log;             /* [guests + 1][room] */
	double *alone;                  /* [room] */
	struct neighbours_round *round; /* [room] */
	size_t room, rounds, rounds_alone;
};

static int gather_round(const struct neighbours *n, const struct summary_row *const *rows,
                        uint32_t round, struct gathered *g, struct err *e)
{
	const struct samples *s = n->summary->samples;
	double rate, sum = 0;
	int rc;

	for (unsigned i = 0; i < n->guests; i++) {
		rc = round_rate(s, rows[i], round, &rate, e);
		if (rc || isnan(rate))
			return rc;
		g->rate[i * g->room + g->rounds] = rate;
		sum += rate;
	}
	g->rate[n->guests * g->room + g->rounds++] = sum;
	rc = round_rate(s, rows[n->guests], round, &rate, e);
	if (rc || isnan(rate))
		return rc;
	for (unsigned i = 0; i <= n->guests; i++)
		g->log[i * g->room + g->rounds_alone] =
		        log(g->rate[i * g->room + g->rounds - 1] / rate);
	g->round[g->rounds_alone].round = round;
	g->round[g->rounds_alone].log = g->log[n->guests * g->room + g->rounds_alone];
	g->alone[g->rounds_alone++] = rate;
	return 0;
}

/* What the rounds say; the rates are reordered. */
static int settle(const struct neighbours *n, struct gathered *g, struct neighbours_row *row,
                  struct err *e)
{
	struct pairs pairs;
	int rc = pairs_make(&pairs, g->room, e);

	if (rc) {
		pairs_free(&pairs);
		return rc;
	}
	row->rounds = (unsigned)g->rounds;
	row->rounds_alone = (unsigned)g->rounds_alone;
	for (unsigned i = 0; i <= n->guests; i++) {
		row->share[i].rate = stats_median(g->rate + i * g->room, g->rounds);
		pairs.count = 0;
		for (size_t r = 0; r < g->rounds_alone; r++)
			pairs_add(&pairs, log(g->alone[r]),
			          log(g->alone[r]) + g->log[i * g->room + r]);
		row->share[i].of_alone = ratio_of(&pairs);
	}
	row->kept = row->share[n->guests].of_alone;
	row->kept.value /= n->guests;
	row->kept.low /= n->guests;
	row->kept.high /= n->guests;
	if (g->rounds_alone)
		row->alone = stats_median(g->alone, g->rounds_alone);
	pairs_free(&pairs);
	return 0;
}

/*
 * The row of the plain guest that the encrypted one of `row` is matched with, or NULL. It stands
 * before it: rows come in the order of their cells, and of their platforms in these.
 */
static const struct neighbours_row *find_nosev(const struct neighbours *n,
                                               const struct neighbours_row *row)
{
	const struct summary_row *first = row->first, *nosev = NULL;

	if (sev_traits(target_platform(first->platform))->memory_encrypted)
		nosev = summary_find(n->summary, first->cell, PLATFORM_NOSEV, first->accel, 0);
	for (size_t i = 0; nosev && i < n->count; i++) {
		if (n->rows[i].first == nosev)
			return &n->rows[i];
	}
	return NULL;
}

static int compare_row(const struct neighbours *n, struct neighbours_row *row, struct err *e)
{
	const struct neighbours_row *nosev = find_nosev(n, row);
	struct pairs pairs;
	int rc;

	if (!nosev)
		return 0;
	rc = pairs_make(&pairs, row->rounds_alone, e);
	for (unsigned i = 0; i < row->rounds_alone && !rc; i++) {
		for (unsigned k = 0; k < nosev->rounds_alone; k++) {
			if (row->round[i].round == nosev->round[k].round)
				pairs_add(&pairs, nosev->round[k].log, row->round[i].log);
		}
	}
	if (!rc) {
		row->to_nosev = ratio_of(&pairs);
		row->rounds_nosev = (unsigned)pairs.count;
	}
	pairs_free(&pairs);
	return rc;
}

static int add_row(struct neighbours *n, const struct summary_row *const *rows, struct err *e)
{
	const struct samples *s = n->summary->samples;
	struct neighbours_row row = {.first = rows[0], .alone = NAN, .to_nosev = UNKNOWN};
	struct gathered g = {.room = rows[0]->group_count};
	int rc = 0;

	g.rate = calloc((n->guests + 1) * g.room, sizeof(*g.rate));
	g.log = calloc((n->guests + 1) * g.room, sizeof(*g.log));
	g.alone = calloc(g.room + 1, sizeof(*g.alone));
	g.round = calloc(g.room + 1, sizeof(*g.round));
	row.share = calloc(n->guests + 1, sizeof(*row.share));
	if (!g.rate || !g.log || !g.alone || !g.round || !row.share)
		rc = err_set(e, ENOMEM, "no memory for the rounds of %u guests", n->guests);
	for (size_t i = 0; i < g.room && rows[0]->rounds && !rc; i++)
		rc = gather_round(n, rows, s->groups[rows[0]->first_group + i].key.round, &g, e);
	if (!rc && g.rounds) {
		rc = settle(n, &g, &row, e);
		row.round = g.round;
	}
	if (!rc && g.rounds)
		rc = compare_row(n, &row, e);
	if (!rc && g.rounds) {
		n->rows[n->count++] = row;
	} else {
		n->apart++;
		free(row.share);
		free(g.round);
	}
	free(g.rate);
	free(g.log);
	free(g.alone);
	return rc;
}

int neighbours_make(const struct summary *summary, unsigned guests, struct neighbours *neighbours,
                    struct err *e)
{
	const struct summary_row *rows[NEIGHBOURS_MAX + 1] = {NULL};
	int rc = 0;

	*neighbours = (struct neighbours){.summary = summary, .guests = guests};
	neighbours->rows = calloc(summary->count + 1, sizeof(*neighbours->rows));
	if (!neighbours->rows)
		return err_set(e, ENOMEM, "no memory for the cells of %u guests", guests);
	for (size_t i = 0; i < summary->count && !rc; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (row->side)
			continue;
		for (unsigned g = 0; g <= guests; g++)
			rows[g] = summary_find(summary, row->cell, row->platform, row->accel,
			                       g < guests ? g : NEIGHBOURS_ALONE);
		rc = add_row(neighbours, rows, e);
	}
	if (rc)
		neighbours_free(neighbours);
	return rc;
}

void neighbours_free(struct neighbours *neighbours)
{
	for (size_t i = 0; i < neighbours->count; i++) {
		free(neighbours->rows[i].share);
		free(neighbours->rows[i].round);
	}
	free(neighbours->rows);
	*neighbours = (struct neighbours){0};
}
