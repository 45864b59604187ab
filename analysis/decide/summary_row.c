/* SPDX-License-Identifier: MIT */
#include "analysis/decide/summary_row.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/stats.h"

static const struct {
	const char *name;
	double q;
} tails[SUMMARY_TAIL_COUNT] = {
        [SUMMARY_P50] = {"p50", 0.5},
        [SUMMARY_P90] = {"p90", 0.9},
        [SUMMARY_P99] = {"p99", 0.99},
        [SUMMARY_P999] = {"p99.9", 0.999},
};

const char *summary_row_tail_name(enum summary_tail tail)
{
	return tails[tail].name;
}

const char *summary_row_rate_name(enum summary_rate rate)
{
	static const char *const names[SUMMARY_RATE_COUNT] = {
	        [SUMMARY_READ] = "bytes read",
	        [SUMMARY_WRITTEN] = "bytes written",
	        [SUMMARY_STREAM] = "bytes read + written (STREAM convention)",
	        [SUMMARY_ALLOCATE] = "bytes read + written + assumed write-allocate",
	};

	return names[rate];
}

bool summary_row_loops_apart(const struct summary_row *a, const struct summary_row *b)
{
	uint32_t loops = a->loops + b->loops;

	return loops > 0 && loops < a->rounds + b->rounds;
}

const char *summary_row_status(const struct summary_row *row)
{
	if (row->rounds)
		return cell_status_name(CELL_OK);
	return cell_status_name(row->failed ? CELL_FAILED : CELL_SKIPPED);
}

size_t summary_row_round(const struct samples_group *group, double *values, double *loop)
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

/* How long all samples of the round took. A series has batches of one size. */
static double sampled(const struct samples_group *group)
{
	const struct samples_series *op = &group->series[SERIES_OP];
	double sum = 0;

	for (uint32_t i = 0; i < op->count; i++)
		sum += op->ns[i];
	return sum * (double)group->iterations / op->count;
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
	row->loops = (uint32_t)loops;
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

		if (!samples_measured(g))
			continue;
		values[measured++] = (double)g->iterations / (double)g->series[SERIES_OP].count;
		row->step_ns = fmax(row->step_ns, g->tsc_step * 1e9 / g->tsc_hz);
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

/* The rounds of one cell on one platform, and nothing known of them yet. */
static struct summary_row unknown(const struct samples *s, size_t first, size_t count)
{
	const struct samples_group_key *key = &s->groups[first].key;
	struct summary_row row = {
	        .cell = key->cell,
	        .platform = (unsigned)key->platform,
	        .accel = (enum accel)key->accel,
	        .side = s->sources[key->source].side,
	        .first_group = first,
	        .group_count = count,
	        .reason = s->groups[first].reason,
	        .median_ns = NAN,
	        .raw_median_ns = NAN,
	        .baseline_ns = NAN,
	        .mad_ns = NAN,
	        .round_min_ns = NAN,
	        .round_max_ns = NAN,
	        .best_ns = NAN,
	        .worst_ns = NAN,
	        .step_ns = NAN,
	        .percent = NAN,
	        .best_percent = NAN,
	        .batch = NAN,
	        .exits_expected = NAN,
	        .vc_expected = NAN,
	        .vmgexit_expected = NAN,
	        .pvalidate_expected = NAN,
	        .wrong_exits = NAN,
	};

	for (int i = 0; i < COUNTER_EVENT_COUNT; i++)
		row.counts[i] = NAN;
	for (int i = 0; i < SAMPLES_EXITS_COUNT; i++)
		row.exits[i] = NAN;
	for (int i = 0; i < SAMPLES_SEV_COUNT; i++)
		row.sev[i] = row.wrong_sev[i] = NAN;
	for (int i = 0; i < SUMMARY_TAIL_COUNT; i++)
		row.tail_ns[i] = NAN;
	for (int i = 0; i < SUMMARY_RATE_COUNT; i++)
		row.rate[i] = row.best_rate[i] = NAN;
	return row;
}

/* The rounds into `w`; the last that measured, or NULL. */
static const struct samples_group *add_rounds(const struct samples_group *groups,
                                              struct summary_row *row, struct scratch *w)
{
	const struct samples_group *last = NULL;
	enum cell_status worst = CELL_OK;

	for (size_t i = 0; i < row->group_count; i++) {
		const struct samples_group *g = &groups[i];
		double *values = w->values + row->samples, *loop = &w->loop[row->rounds];
		size_t count = summary_row_round(g, values, loop);

		row->failed += g->status == CELL_FAILED;
		row->skipped += g->status == CELL_SKIPPED;
		if (g->status > worst) {
			worst = g->status;
			row->reason = g->reason;
		}
		if (!count)
			continue;
		last = g;
		w->median[row->rounds] = stats_quantile(values, count, 0.5);
		w->raw[row->rounds] = w->median[row->rounds] + (isnan(*loop) ? 0 : *loop);
		row->samples += count;
		row->sampled_ns += sampled(g);
		row->rounds++;
		add_noise(row, g);
	}
	return last;
}

int summary_row_make(const struct samples *samples, size_t first, size_t count,
                     struct summary_row *row, struct err *e)
{
	const struct samples_group *groups = &samples->groups[first], *last;
	struct scratch w = {0};
	int rc = scratch_make(&w, groups, count, e);

	*row = unknown(samples, first, count);
	if (!rc) {
		last = add_rounds(groups, row, &w);
		if (last) {
			add_times(row, &w, samples->cells[row->cell].single_shot);
			add_traffic(row, last);
			add_counts(row, groups, w.values);
		} else {
			row->sampled_ns = row->steal_ns = NAN;
			row->involuntary = row->migrations = NAN;
		}
	}
	scratch_free(&w);
	return rc;
}
