/* SPDX-License-Identifier: MIT */
#include "analysis/decide/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/exit_check.h"
#include "analysis/decide/stats.h"
#include "harness/units.h"

static const struct {
	const char *name;
	double q;
} tails[SUMMARY_TAIL_COUNT] = {
        [SUMMARY_P50] = {"p50", 0.5},
        [SUMMARY_P90] = {"p90", 0.9},
        [SUMMARY_P99] = {"p99", 0.99},
        [SUMMARY_P999] = {"p99.9", 0.999},
};

const char *summary_tail_name(enum summary_tail tail)
{
	return tails[tail].name;
}

const char *summary_rate_name(enum summary_rate rate)
{
	static const char *const names[SUMMARY_RATE_COUNT] = {
	        [SUMMARY_READ] = "bytes read",
	        [SUMMARY_WRITTEN] = "bytes written",
	        [SUMMARY_STREAM] = "bytes read + written (STREAM convention)",
	        [SUMMARY_ALLOCATE] = "bytes read + written + assumed write-allocate",
	};

	return names[rate];
}

const char *summary_status(const struct summary_row *row)
{
	if (row->rounds)
		return cell_status_name(CELL_OK);
	return cell_status_name(row->failed ? CELL_FAILED : CELL_SKIPPED);
}

const char *summary_why(const struct summary *summary, const struct summary_row *row,
                        char text[SUMMARY_WHY_TEXT])
{
	const char *reason = samples_text(summary->samples, row->reason);
	unsigned without = row->failed ? row->failed : row->skipped;
	char part[64] = "";

	text[0] = '\0';
	if (row->rounds && !without)
		return text;
	if (row->rounds)
		snprintf(part, sizeof(part), " in %u of %u rounds", without,
		         row->rounds + row->failed + row->skipped);
	snprintf(text, SUMMARY_WHY_TEXT, "%s on %s%s: %s",
	         cell_status_name(row->failed ? CELL_FAILED : CELL_SKIPPED),
	         target_name(row->platform), part, *reason ? reason : "no reason recorded");
	return text;
}

/* Comparisons with NaN are false: what is not known is not said. */
const char *summary_noise(const struct summary_row *row, char text[SUMMARY_NOISE_TEXT])
{
	char steal[UNITS_TEXT];
	size_t used = 0;

	text[0] = '\0';
	if (row->steal_ns > 0)
		used += (size_t)snprintf(text, SUMMARY_NOISE_TEXT, " %s stolen",
		                         units_ns(row->steal_ns, steal));
	if (row->involuntary > 0)
		used += (size_t)snprintf(text + used, SUMMARY_NOISE_TEXT - used, " %.0fi",
		                         row->involuntary);
	if (row->migrations > 0)
		snprintf(text + used, SUMMARY_NOISE_TEXT - used, " %.0fm", row->migrations);
	return *text ? text + 1 : text;
}

size_t summary_round(const struct samples_group *group, double *values, double *loop)
{
	const struct samples_series *op = &group->series[SERIES_OP];
	const struct samples_series *baseline = &group->series[SERIES_BASELINE];

	*loop = NAN;
	if (!samples_measured(group))
		return 0;
	if (baseline->count) {
		memcpy(values, baseline->ns, baseline->count * sizeof(*values));
		*loop = stats_median(values, baseline->count);
	}
	for (uint32_t i = 0; i < op->count; i++)
		values[i] = op->ns[i] - (baseline->count ? *loop : 0);
	stats_sort(values, op->count);
	return op->count;
}

unsigned summary_reference(const struct summary *summary)
{
	bool measured[TARGET_COUNT] = {false};
	bool encrypted = false;

	for (size_t i = 0; i < summary->count; i++)
		measured[summary->rows[i].platform] |= summary->rows[i].rounds > 0;
	for (unsigned i = 0; i < TARGET_COUNT; i++)
		encrypted |=
		        measured[i] && sev_traits(target_platform((unsigned)i))->memory_encrypted;
	if (encrypted && measured[PLATFORM_NOSEV])
		return PLATFORM_NOSEV;
	for (unsigned i = 0; i < TARGET_COUNT; i++)
		if (measured[i])
			return (unsigned)i;
	return PLATFORM_NATIVE;
}

/* Room to work on one row. */
struct scratch {
	double *values;              /* all its samples, and the longest baseline behind them */
	double *median, *raw, *loop; /* by measured round */
};

static void scratch_free(struct scratch *w)
{
	free(w->values);
	free(w->median);
}

static int scratch_make(struct scratch *w, const struct samples_group *groups, size_t count,
                        struct err *e)
{
	size_t values = 0, longest = 0;

	for (size_t i = 0; i < count; i++) {
		values += groups[i].series[SERIES_OP].count;
		if (groups[i].series[SERIES_BASELINE].count > longest)
			longest = groups[i].series[SERIES_BASELINE].count;
	}
	w->values = malloc((values + longest + 1) * sizeof(double));
	w->median = malloc((3 * count + 1) * sizeof(double));
	if (!w->values || !w->median)
		return err_set(e, ENOMEM, "no memory to summarise %zu samples", values);
	w->raw = w->median + count;
	w->loop = w->raw + count;
	return 0;
}

static void add_traffic(struct summary_row *row, const struct samples_group *group)
{
	double bytes[SUMMARY_RATE_COUNT] = {
	        [SUMMARY_READ] = group->read,
	        [SUMMARY_WRITTEN] = group->written,
	        [SUMMARY_STREAM] = group->read + group->written,
	        [SUMMARY_ALLOCATE] = group->read + group->written + group->allocate,
	};

	for (int i = 0; i < SUMMARY_RATE_COUNT; i++) {
		row->rate[i] = bytes[i] / row->median_ns;
		row->best_rate[i] = bytes[i] / row->best_ns;
	}
}

/* NaN stays: where one round does not know, the sum is not known. */
static void add_noise(struct summary_row *row, const struct samples_group *group)
{
	row->steal_ns += group->steal_ns;
	row->involuntary += group->involuntary;
	row->migrations += group->migrations;
}

/* The centre and the spread of the measured rounds, `count` of them in `w`. */
static void add_times(struct summary_row *row, struct scratch *w, bool single_shot)
{
	size_t rounds = row->rounds, samples = row->samples, loops = 0;

	for (size_t i = 0; i < rounds; i++) {
		row->round_min_ns = fmin(row->round_min_ns, w->median[i]);
		row->round_max_ns = fmax(row->round_max_ns, w->median[i]);
		if (!isnan(w->loop[i]))
			w->loop[loops++] = w->loop[i];
	}
	row->median_ns = stats_median(w->median, rounds);
	row->raw_median_ns = stats_median(w->raw, rounds);
	row->baseline_ns = stats_median(w->loop, loops);
	row->best_ns = w->values[0];
	for (size_t i = 1; i < samples; i++)
		row->best_ns = fmin(row->best_ns, w->values[i]);
	if (row->best_ns <= 0)
		row->best_ns = NAN;
	if (single_shot) {
		stats_sort(w->values, samples);
		row->worst_ns = w->values[samples - 1];
		for (int i = 0; i < SUMMARY_TAIL_COUNT; i++)
			if ((double)samples * (1 - tails[i].q) >= SUMMARY_TAIL_SAMPLES - 1e-6)
				row->tail_ns[i] = stats_quantile(w->values, samples, tails[i].q);
	}
	row->mad_ns = stats_mad(w->values, samples, row->median_ns);
	if (row->median_ns <= 0)
		row->median_ns = NAN;
}

/* What the machine counted of an iteration; NaN where a round does not know. */
static double counted(const struct samples_group *g, int event)
{
	const double counts[COUNTER_EVENT_COUNT] = {
	        [COUNTER_CYCLES] = g->cycles,
	        [COUNTER_INSTRUCTIONS] = g->instructions,
	        [COUNTER_DTLB_MISSES] = g->dtlb_misses,
	};

	return samples_measured(g) ? counts[event] / (double)g->iterations : NAN;
}

static void add_counts(struct summary_row *row, const struct samples_group *groups, double *values)
{
	size_t measured = 0;

	for (size_t i = 0; i < row->group_count; i++) {
		const struct samples_group *g = &groups[i];

		if (samples_measured(g))
			values[measured++] =
			        (double)g->iterations / (double)g->series[SERIES_OP].count;
	}
	row->batch = stats_median(values, measured);
	for (int event = 0; event < COUNTER_EVENT_COUNT; event++) {
		size_t count = 0;

		for (size_t i = 0; i < row->group_count; i++) {
			double value = counted(&groups[i], event);

			if (!isnan(value))
				values[count++] = value;
		}
		row->counts[event] = stats_median(values, count);
	}
}

static int summarise(const struct samples *s, const struct switches *switches,
                     struct summary_row *row, struct err *e)
{
	const struct samples_group *groups = &s->groups[row->first_group];
	const struct samples_group *last = NULL;
	enum cell_status worst = CELL_OK;
	struct scratch w = {0};
	int rc = scratch_make(&w, groups, row->group_count, e);

	if (rc)
		goto out;
	row->reason = groups->reason;
	for (size_t i = 0; i < row->group_count; i++) {
		const struct samples_group *g = &groups[i];
		double *values = w.values + row->samples;
		size_t count = summary_round(g, values, &w.loop[row->rounds]);

		row->failed += g->status == CELL_FAILED;
		row->skipped += g->status == CELL_SKIPPED;
		if (g->status > worst) {
			worst = g->status;
			row->reason = g->reason;
		}
		if (!count)
			continue;
		last = g;
		w.median[row->rounds] = stats_quantile(values, count, 0.5);
		w.raw[row->rounds] = w.median[row->rounds] +
		                     (isnan(w.loop[row->rounds]) ? 0 : w.loop[row->rounds]);
		row->samples += count;
		row->rounds++;
		add_noise(row, g);
	}
	if (last) {
		add_times(row, &w, s->cells[row->cell].single_shot);
		add_traffic(row, last);
		add_counts(row, groups, w.values);
		exit_check(switches, s, row, w.values);
	} else {
		row->steal_ns = row->involuntary = row->migrations = NAN;
	}
out:
	scratch_free(&w);
	return rc;
}

static bool same_row(const struct samples *s, const struct samples_group *a,
                     const struct samples_group *b)
{
	return a->key.cell == b->key.cell && a->key.platform == b->key.platform &&
	       a->key.accel == b->key.accel &&
	       s->sources[a->key.source].side == s->sources[b->key.source].side;
}

int summary_make(const struct samples *samples, struct summary *summary, struct err *e)
{
	const struct samples_group *g = samples->groups;
	struct switches switches;
	int rc = switches_load(&switches, e);

	if (rc)
		return rc;
	memset(summary, 0, sizeof(*summary));
	summary->samples = samples;
	summary->rows = calloc(samples->group_count + 1, sizeof(*summary->rows));
	if (!summary->rows)
		rc = err_set(e, ENOMEM, "no memory for a summary of %zu rounds",
		             samples->group_count);
	for (size_t i = 0; i < samples->group_count && !rc; i++) {
		struct summary_row *row = &summary->rows[summary->count];

		if (i && same_row(samples, &g[i - 1], &g[i])) {
			row[-1].group_count++;
			continue;
		}
		*row = (struct summary_row){
		        .cell = g[i].key.cell,
		        .platform = (unsigned)g[i].key.platform,
		        .accel = (enum accel)g[i].key.accel,
		        .side = samples->sources[g[i].key.source].side,
		        .first_group = i,
		        .group_count = 1,
		        .median_ns = NAN,
		        .raw_median_ns = NAN,
		        .baseline_ns = NAN,
		        .mad_ns = NAN,
		        .round_min_ns = NAN,
		        .round_max_ns = NAN,
		        .best_ns = NAN,
		        .worst_ns = NAN,
		        .percent = NAN,
		        .best_percent = NAN,
		        .batch = NAN,
		        .exits_expected = NAN,
		        .vc_expected = NAN,
		        .vmgexit_expected = NAN,
		};
		for (int k = 0; k < COUNTER_EVENT_COUNT; k++)
			row->counts[k] = NAN;
		for (int k = 0; k < SAMPLES_EXITS_COUNT; k++)
			row->exits[k] = NAN;
		for (int k = 0; k < SAMPLES_SEV_COUNT; k++)
			row->sev[k] = NAN;
		for (int k = 0; k < SUMMARY_TAIL_COUNT; k++)
			row->tail_ns[k] = NAN;
		for (int k = 0; k < SUMMARY_RATE_COUNT; k++)
			row->rate[k] = row->best_rate[k] = NAN;
		summary->count++;
	}
	for (size_t i = 0; i < summary->count && !rc; i++)
		rc = summarise(samples, &switches, &summary->rows[i], e);
	switches_free(&switches);
	if (rc)
		summary_free(summary);
	return rc;
}

void summary_free(struct summary *summary)
{
	free(summary->rows);
	memset(summary, 0, sizeof(*summary));
}

const struct summary_row *summary_rows(const struct summary *summary, uint32_t cell, size_t *count)
{
	size_t low = 0, high = summary->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (summary->rows[middle].cell < cell)
			low = middle + 1;
		else
			high = middle;
	}
	for (*count = 0; low + *count < summary->count; ++*count)
		if (summary->rows[low + *count].cell != cell)
			break;
	return &summary->rows[low];
}

const struct summary_row *summary_find(const struct summary *summary, uint32_t cell,
                                       unsigned platform, enum accel accel, unsigned side)
{
	size_t count;
	const struct summary_row *rows = summary_rows(summary, cell, &count);

	for (size_t i = 0; i < count; i++)
		if (rows[i].platform == platform && rows[i].accel == accel && rows[i].side == side)
			return &rows[i];
	return NULL;
}
