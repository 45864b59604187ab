/* SPDX-License-Identifier: MIT */
#include "analysis/parts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/embedded.h"
#include "analysis/stats.h"
#include "analysis/switches.h"

extern const char _binary_analysis_reference_parts_csv_start[];
extern const char _binary_analysis_reference_parts_csv_end[];

struct making {
	const struct summary *summary;
	struct parts *parts;
	struct switches switches;
	uint64_t seed;
	unsigned resamples;
};

/* The path of the table of parts: "*" is any that is known. */
static bool on_path(const struct making *m, enum platform platform, const char *kernel,
                    const char *variant, const char *wanted)
{
	const struct switches_row *known = switches_find(&m->switches, kernel, variant);
	enum switches_path path = known ? known->path[platform] : SWITCHES_UNKNOWN;

	if (!*wanted || !strcmp(wanted, "*"))
		return path != SWITCHES_UNKNOWN;
	return !strcmp(wanted, switches_path_name(path));
}

static const struct summary_row *find_row(const struct summary *summary, enum platform platform,
                                          enum accel accel, const char *kernel, const char *variant)
{
	const struct samples *s = summary->samples;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		const struct samples_cell_key *key = &s->cells[row->cell].key;

		if (row->platform == platform && row->accel == accel && !row->side && row->rounds &&
		    !strcmp(samples_text(s, key->kernel), kernel) &&
		    !strcmp(samples_text(s, key->variant), variant))
			return row;
	}
	return NULL;
}

static bool usable(const struct samples_group *g)
{
	return g->status == CELL_OK && g->series[SERIES_OP].count;
}

static const struct samples_group *same_round(const struct samples *s,
                                              const struct summary_row *row,
                                              const struct samples_group *wanted)
{
	for (size_t i = 0; i < row->group_count; i++) {
		const struct samples_group *g = &s->groups[row->first_group + i];

		if (usable(g) && g->key.source == wanted->key.source &&
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
	return (struct bootstrap_round){
	        .op = sorted_copy(&g->series[SERIES_OP], no_memory),
	        .baseline = sorted_copy(&g->series[SERIES_BASELINE], no_memory),
	        .op_count = g->series[SERIES_OP].count,
	        .baseline_count = g->series[SERIES_BASELINE].count,
	};
}

static void free_rounds(struct bootstrap_round *rounds, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free((double *)rounds[i].op);
		free((double *)rounds[i].baseline);
	}
	free(rounds);
}

/* The rounds that both have, and what they say. */
static int estimate(const struct making *m, struct parts_row *part, struct err *e)
{
	const struct samples *s = m->summary->samples;
	size_t room = part->row->group_count, count = 0;
	struct bootstrap_round *a = calloc(room, sizeof(*a)), *b = calloc(room, sizeof(*b));
	gsl_rng *rng = bootstrap_rng(m->seed, 1000000 + m->parts->count);
	bool no_memory = !a || !b || !rng;

	for (size_t i = 0; i < room && !no_memory; i++) {
		const struct samples_group *g = &s->groups[part->row->first_group + i];
		const struct samples_group *other = g;

		if (part->less)
			other = same_round(s, part->less, g);
		if (!usable(g) || !other)
			continue;
		a[count] = take_round(g, &no_memory);
		b[count++] = take_round(other, &no_memory);
	}
	part->rounds = (unsigned)count;
	if (!no_memory && count)
		part->time = bootstrap_difference(a, part->less ? b : NULL, count, m->resamples,
		                                  PARTS_LEVEL, rng);
	gsl_rng_free(rng);
	free_rounds(a, a ? count : 0);
	free_rounds(b, b ? count : 0);
	return no_memory ? err_set(e, ENOMEM, "no memory to take world switches apart") : 0;
}

/* part,path,kernel,variant,less_kernel,less_variant,less_path,what: on one platform. */
static int take_part(struct making *m, const struct embedded_line *line, enum platform platform,
                     enum accel accel, struct err *e)
{
	const char *path = line->field[1], *kernel = line->field[2], *variant = line->field[3];
	const char *less = line->field[4], *less_variant = line->field[5];
	struct parts_row part = {.row = find_row(m->summary, platform, accel, kernel, variant)};
	struct parts_row *rows;
	int rc;

	if (!part.row || !on_path(m, platform, kernel, variant, path))
		return 0;
	if (*less) {
		part.less = find_row(m->summary, platform, accel, less, less_variant);
		if (!part.less || !on_path(m, platform, less, less_variant, line->field[6]))
			return 0;
	}
	snprintf(part.part, sizeof(part.part), "%.31s", line->field[0]);
	snprintf(part.what, sizeof(part.what), "%.159s", line->field[7]);
	rc = estimate(m, &part, e);
	if (rc || !part.rounds)
		return rc;
	rows = realloc(m->parts->rows, (m->parts->count + 1) * sizeof(*rows));
	if (!rows)
		return err_set(e, ENOMEM, "no memory to take world switches apart");
	m->parts->rows = rows;
	rows[m->parts->count++] = part;
	return 0;
}

static int take_line(const struct embedded_line *line, void *context, struct err *e)
{
	struct making *m = context;
	int rc = 0;

	for (int p = PLATFORM_NOSEV; p < PLATFORM_COUNT && !rc; p++)
		for (int a = 0; a < ACCEL_COUNT && !rc; a++)
			if (a != ACCEL_TCG)
				rc = take_part(m, line, (enum platform)p, (enum accel)a, e);
	return rc;
}

int parts_make(const struct summary *summary, uint64_t seed, unsigned resamples,
               struct parts *parts, struct err *e)
{
	struct making m = {
	        .summary = summary, .parts = parts, .seed = seed, .resamples = resamples};
	int rc = switches_load(&m.switches, e);

	*parts = (struct parts){.summary = summary};
	if (!rc)
		rc = embedded_read(_binary_analysis_reference_parts_csv_start,
		                   _binary_analysis_reference_parts_csv_end,
		                   "the parts of world switches", take_line, &m, e);
	switches_free(&m.switches);
	if (rc)
		parts_free(parts);
	return rc;
}

void parts_free(struct parts *parts)
{
	free(parts->rows);
	parts->rows = NULL;
	parts->count = 0;
}
