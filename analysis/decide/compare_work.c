/* SPDX-License-Identifier: MIT */
#include "analysis/decide/compare_work.h"

#include <errno.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/bootstrap.h"
#include "analysis/decide/stats.h"

/* Cells that one thread takes at a time. The sums of a task do not depend on who computes them. */
#define TASK_CELLS 256

/* A run of cells of one kernel and platform. */
struct task {
	size_t first, count; /* in order[] */
	size_t kernel;
	double *deviation; /* [resamples]: sums of the resamples' distances from the estimates */
	double log_ratio;  /* sum over the cells with an interval */
	size_t intervals;
	double bare_log_ratio; /* sum over those without */
	size_t bare;
	double freedom; /* least of the cells */
};

struct work {
	struct compare *compare;
	const size_t *order;
	struct task *tasks;
	size_t task_count;
	struct bootstrap_draws draws[2];
	atomic_size_t next;
	atomic_bool no_memory;
};

/* What a thread works with. */
struct bench {
	struct bootstrap_round *rounds[2]; /* of the reference, of the other */
	size_t count[2], room[2];
	double *values;
	size_t value_room;
	double *replicate; /* [4 * resamples] */
};

static bool same_round(const struct samples_group *a, const struct samples_group *b)
{
	return a->key.source == b->key.source && a->key.run == b->key.run &&
	       a->key.round == b->key.round;
}

/* The partner of a round among `count` groups, or NULL. */
static const struct samples_group *find_round(const struct samples_group *groups, size_t count,
                                              const struct samples_group *wanted)
{
	for (size_t i = 0; i < count; i++)
		if (samples_measured(&groups[i]) && same_round(&groups[i], wanted))
			return &groups[i];
	return NULL;
}

static int reserve(struct bench *b, int side, size_t rounds, size_t values)
{
	if (b->room[side] < rounds) {
		struct bootstrap_round *bigger = realloc(b->rounds[side], rounds * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		b->rounds[side] = bigger;
		b->room[side] = rounds;
	}
	if (b->value_room < values) {
		double *bigger = realloc(b->values, values * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		b->values = bigger;
		b->value_room = values;
	}
	return 0;
}

static size_t row_values(const struct samples *s, const struct summary_row *row)
{
	size_t values = 0;

	for (size_t i = 0; i < row->group_count; i++) {
		const struct samples_group *g = &s->groups[row->first_group + i];

		values += g->series[SERIES_OP].count + g->series[SERIES_BASELINE].count;
	}
	return values;
}

static const double *sorted_copy(double **to, const struct samples_series *series)
{
	double *copy = *to;

	if (series->count)
		memcpy(copy, series->ns, series->count * sizeof(*copy));
	stats_sort(copy, series->count);
	*to += series->count;
	return copy;
}

/* The usable rounds of `row`, only those with a partner in `partner` if that is given. */
static void load_rounds(struct bench *b, int side, double **values, const struct samples *s,
                        const struct summary_row *row, const struct summary_row *partner)
{
	const struct samples_group *groups = &s->groups[row->first_group];

	b->count[side] = 0;
	for (size_t i = 0; i < row->group_count; i++) {
		const struct samples_group *g = &groups[i];
		struct bootstrap_round *round = &b->rounds[side][b->count[side]];

		if (!samples_measured(g) ||
		    (partner &&
		     !find_round(&s->groups[partner->first_group], partner->group_count, g)))
			continue;
		round->op = sorted_copy(values, &g->series[SERIES_OP]);
		round->op_count = g->series[SERIES_OP].count;
		round->baseline = sorted_copy(values, &g->series[SERIES_BASELINE]);
		round->baseline_count = g->series[SERIES_BASELINE].count;
		round->log_centre = log(bootstrap_centre(round));
		b->count[side]++;
	}
}

static size_t common_rounds(const struct samples *s, const struct summary_row *a,
                            const struct summary_row *b)
{
	size_t common = 0;

	for (size_t i = 0; i < a->group_count; i++) {
		const struct samples_group *g = &s->groups[a->first_group + i];

		common += samples_measured(g) &&
		          find_round(&s->groups[b->first_group], b->group_count, g) != NULL;
	}
	return common;
}

/* A centre that is not positive has no logarithm, or an infinite one. */
static bool all_positive(const struct bootstrap_round *rounds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!isfinite(rounds[i].log_centre))
			return false;
	return true;
}

static double mean_log(const struct bootstrap_round *rounds, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += rounds[i].log_centre;
	return sum / (double)count;
}

/* Both sides of a cell, in rounds that can be compared. */
static int load_cell(struct work *w, struct bench *b, struct compare_cell *cell)
{
	const struct samples *s = w->compare->summary->samples;
	const struct summary_row *rows[2] = {cell->reference, cell->row};
	size_t common = common_rounds(s, cell->reference, cell->row);
	size_t needed = row_values(s, cell->reference) + row_values(s, cell->row);
	double *values;

	/* One round in common, and more apart: then they are launches like any others. */
	cell->paired = common > 1 ||
	               (common == 1 && cell->row->rounds == 1 && cell->reference->rounds == 1);
	for (int side = 0; side < 2; side++)
		if (reserve(b, side, rows[side]->group_count, needed + 1))
			return -ENOMEM;
	values = b->values;
	for (int side = 0; side < 2; side++)
		load_rounds(b, side, &values, s, rows[side], cell->paired ? rows[!side] : NULL);
	cell->reference_rounds = (unsigned)b->count[0];
	cell->rounds = (unsigned)b->count[1];
	return 0;
}

static int estimate_cell(struct work *w, struct bench *b, struct task *task, size_t index)
{
	struct compare_cell *cell = &w->compare->cells[index];
	unsigned resamples = w->compare->options.resamples;
	struct bootstrap_estimate estimate;
	double spread, scale;
	gsl_rng *rng;

	if (*cell->note)
		return 0;
	if (load_cell(w, b, cell))
		return -ENOMEM;
	if (!all_positive(b->rounds[0], b->count[0]) || !all_positive(b->rounds[1], b->count[1])) {
		cell->note = "not resolved: it takes no longer than the empty loop around it";
		return 0;
	}
	if (b->count[0] < 2 || b->count[1] < 2) {
		double log_ratio =
		        mean_log(b->rounds[1], b->count[1]) - mean_log(b->rounds[0], b->count[0]);

		cell->ratio = exp(log_ratio);
		cell->note = "one round carries no interval: launches differ, and one does not "
		             "show by how much";
		task->bare_log_ratio += log_ratio;
		task->bare++;
		return 0;
	}
	rng = bootstrap_rng(w->compare->options.seed, index + 2);
	if (!rng)
		return -ENOMEM;
	estimate = bootstrap_log_ratio(b->rounds[0], b->count[0], b->rounds[1], b->count[1],
	                               cell->paired, &w->draws[0], &w->draws[1], rng, b->replicate);
	gsl_rng_free(rng);
	cell->ratio = exp(estimate.log_ratio);
	bootstrap_interval(&estimate, COMPARE_LEVEL, &cell->low, &cell->high);
	cell->p = bootstrap_p(&estimate);
	cell->samples_share = estimate.samples;

	spread = gsl_stats_sd(b->replicate, 1, resamples);
	scale = spread > 0 ? estimate.error / spread : 0;
	for (unsigned i = 0; i < resamples; i++)
		task->deviation[i] += scale * (b->replicate[i] - estimate.log_ratio);
	task->log_ratio += estimate.log_ratio;
	task->freedom = fmin(task->freedom, estimate.freedom);
	task->intervals++;
	return 0;
}

static void *work_thread(void *context)
{
	struct work *w = context;
	unsigned resamples = w->compare->options.resamples;
	struct bench b = {.replicate = calloc((size_t)resamples * 4, sizeof(double))};
	bool failed = !b.replicate;

	while (!failed && !atomic_load(&w->no_memory)) {
		size_t index = atomic_fetch_add(&w->next, 1);
		struct task *task;

		if (index >= w->task_count)
			break;
		task = &w->tasks[index];
		task->deviation = calloc(resamples, sizeof(double));
		failed = !task->deviation;
		for (size_t i = 0; i < task->count && !failed; i++)
			failed = estimate_cell(w, &b, task, w->order[task->first + i]) != 0;
	}
	if (failed)
		atomic_store(&w->no_memory, true);
	free(b.rounds[0]);
	free(b.rounds[1]);
	free(b.values);
	free(b.replicate);
	return NULL;
}

/* The kernel's mean over its cells, resample by resample, in the order of the tasks. */
static void close_kernel(struct work *w, struct compare_kernel *kernel, const struct task *tasks,
                         size_t count)
{
	unsigned resamples = w->compare->options.resamples;
	double *sum = tasks[0].deviation;
	struct bootstrap_estimate estimate = {.freedom = tasks[0].freedom};
	double total = tasks[0].log_ratio, bare = tasks[0].bare_log_ratio;
	size_t intervals = tasks[0].intervals, bares = tasks[0].bare;

	for (size_t i = 1; i < count; i++) {
		for (unsigned r = 0; r < resamples; r++)
			sum[r] += tasks[i].deviation[r];
		total += tasks[i].log_ratio;
		bare += tasks[i].bare_log_ratio;
		intervals += tasks[i].intervals;
		bares += tasks[i].bare;
		estimate.freedom = fmin(estimate.freedom, tasks[i].freedom);
	}
	kernel->cells = intervals + bares;
	if (kernel->cells)
		kernel->ratio = exp((total + bare) / (double)kernel->cells);
	if (!intervals || bares)
		return;
	estimate.log_ratio = total / (double)intervals;
	estimate.error = gsl_stats_sd(sum, 1, resamples) / (double)intervals;
	bootstrap_interval(&estimate, COMPARE_LEVEL, &kernel->low, &kernel->high);
}

static void close_kernels(struct work *w)
{
	for (size_t i = 0, count; i < w->task_count; i += count) {
		count = 1;
		while (i + count < w->task_count &&
		       w->tasks[i + count].kernel == w->tasks[i].kernel)
			count++;
		close_kernel(w, &w->compare->kernels[w->tasks[i].kernel], &w->tasks[i], count);
	}
}

static int make_tasks(struct work *w, const size_t *sizes, struct err *e)
{
	size_t count = 0, first = 0;

	for (size_t k = 0; k < w->compare->kernel_count; k++)
		count += (sizes[k] + TASK_CELLS - 1) / TASK_CELLS;
	w->tasks = calloc(count + 1, sizeof(*w->tasks));
	if (!w->tasks)
		return err_set(e, ENOMEM, "no memory to compare %zu cells", w->compare->cell_count);
	for (size_t k = 0; k < w->compare->kernel_count; k++) {
		for (size_t done = 0; done < sizes[k]; done += TASK_CELLS) {
			size_t left = sizes[k] - done;

			w->tasks[w->task_count++] = (struct task){
			        .first = first + done,
			        .count = left < TASK_CELLS ? left : TASK_CELLS,
			        .kernel = k,
			        .freedom = INFINITY,
			};
		}
		first += sizes[k];
	}
	return 0;
}

static int run_threads(struct work *w, struct err *e)
{
	unsigned wanted = w->compare->options.threads, started = 0;
	pthread_t *threads = calloc(wanted + 1, sizeof(*threads));

	if (!threads)
		return err_set(e, ENOMEM, "no memory for %u threads", wanted);
	/* This thread is one of them, and does it all if no other can be had. */
	while (started + 1 < wanted && !pthread_create(&threads[started], NULL, work_thread, w))
		started++;
	work_thread(w);
	while (started > 0)
		pthread_join(threads[--started], NULL);
	free(threads);
	if (atomic_load(&w->no_memory))
		return err_set(e, ENOMEM, "no memory to compare %zu cells", w->compare->cell_count);
	return 0;
}

int compare_work(struct compare *compare, const size_t *order, const size_t *sizes, struct err *e)
{
	struct work w = {.compare = compare, .order = order};
	size_t rounds = 1;
	int rc;

	for (size_t i = 0; i < compare->summary->count; i++)
		if (compare->summary->rows[i].rounds > rounds)
			rounds = compare->summary->rows[i].rounds;
	rc = make_tasks(&w, sizes, e);
	for (int side = 0; side < 2 && !rc; side++)
		rc = bootstrap_draws_make(&w.draws[side], compare->options.seed, (uint64_t)side,
		                          compare->options.resamples, rounds, e);
	if (!rc)
		rc = run_threads(&w, e);
	if (!rc)
		close_kernels(&w);
	for (size_t i = 0; i < w.task_count; i++)
		free(w.tasks[i].deviation);
	free(w.tasks);
	bootstrap_draws_free(&w.draws[0]);
	bootstrap_draws_free(&w.draws[1]);
	return rc;
}
