/* SPDX-License-Identifier: MIT */
#include "analysis/decide/compare_work.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "analysis/decide/clusters.h"
#include "analysis/decide/estimate.h"
#include "analysis/decide/power.h"
#include "analysis/decide/rounds.h"

/* Cells that one thread takes at a time. The sums of a task do not depend on who computes them. */
#define TASK_CELLS 256

/* A run of cells of one kernel and platform, and what they add up to. */
struct task {
	size_t first, count; /* in order[] */
	size_t kernel;
	bool alone;            /* its kernel has one cell */
	struct clusters moved; /* what each round adds to the error of the cells with an interval */
	double log_ratio;      /* sum over these */
	double clock;          /* sum of their errors by the clock */
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
	atomic_size_t next;
	atomic_bool no_memory;
};

/* The rounds of one side of a cell. */
struct side {
	struct estimate_round *rounds;
	struct samples_group_key *keys;
	size_t count, room;
};

/* What a thread works with. */
struct bench {
	struct side side[2]; /* of the reference, of the other */
	struct rounds_room room;
	double *logs; /* room for a side of either */
	size_t log_room;
};

static int reserve(struct side *side, size_t rounds)
{
	if (side->room >= rounds)
		return 0;
	free(side->rounds);
	free(side->keys);
	side->rounds = calloc(rounds, sizeof(*side->rounds));
	side->keys = calloc(rounds, sizeof(*side->keys));
	side->room = side->rounds && side->keys ? rounds : 0;
	return side->room ? 0 : -ENOMEM;
}

/* The usable rounds of `row`, only those with a partner in `partner` if that is given. */
static int load_rounds(struct bench *b, struct side *side, const struct samples *s,
                       const struct summary_row *row, const struct summary_row *partner)
{
	int rc = reserve(side, row->group_count);

	side->count = 0;
	for (size_t i = 0; i < row->group_count && !rc; i++) {
		const struct samples_group *g = &s->groups[row->first_group + i];

		if (!samples_measured(g) || (partner && !rounds_partner(s, partner, g)))
			continue;
		rc = rounds_take(s, g, &b->room, &side->rounds[side->count]);
		side->keys[side->count++] = g->key;
	}
	return rc;
}

static size_t common_rounds(const struct samples *s, const struct summary_row *a,
                            const struct summary_row *b)
{
	size_t common = 0;

	for (size_t i = 0; i < a->group_count; i++) {
		const struct samples_group *g = &s->groups[a->first_group + i];

		common += samples_measured(g) && rounds_partner(s, b, g) != NULL;
	}
	return common;
}

/* Both sides of a cell, in rounds that can be compared. */
static int load_cell(const struct work *w, struct bench *b, struct compare_cell *cell)
{
	const struct samples *s = w->compare->summary->samples;
	const struct summary_row *rows[2] = {cell->reference, cell->row};
	size_t common = common_rounds(s, cell->reference, cell->row);
	int rc = 0;

	/* One round in common, and more apart: then they are launches like any others. */
	cell->paired = common > 1 ||
	               (common == 1 && cell->row->rounds == 1 && cell->reference->rounds == 1);
	for (int i = 0; i < 2 && !rc; i++)
		rc = load_rounds(b, &b->side[i], s, rows[i], cell->paired ? rows[!i] : NULL);
	if (b->log_room < b->side[0].room + b->side[1].room) {
		free(b->logs);
		b->log_room = b->side[0].room + b->side[1].room;
		b->logs = calloc(b->log_room, sizeof(*b->logs));
		if (!b->logs)
			rc = -ENOMEM;
	}
	cell->reference_rounds = (unsigned)b->side[0].count;
	cell->rounds = (unsigned)b->side[1].count;
	return rc;
}

/* A centre that is not positive has no logarithm, or an infinite one. */
static unsigned count_unresolved(const struct side *side)
{
	unsigned count = 0;

	for (size_t i = 0; i < side->count; i++)
		if (!isfinite(side->rounds[i].log))
			count++;
	return count;
}

/* Groups of a side come by run; one that lies in several files is one all the same. */
static size_t count_runs(const struct side *side)
{
	size_t runs = 0;

	for (size_t i = 0; i < side->count; i++)
		runs += i == 0 || side->keys[i - 1].run != side->keys[i].run ? 1 : 0;
	return runs;
}

/* Each run as one round, which is none that another run has. */
static void join_runs(struct side *side)
{
	size_t runs = 0;

	for (size_t i = 0, end; i < side->count; i = end) {
		for (end = i + 1; end < side->count; end++)
			if (side->keys[i].run != side->keys[end].run)
				break;
		side->rounds[runs] = estimate_run(&side->rounds[i], end - i);
		side->keys[runs] = side->keys[i];
		side->keys[runs++].round = 0;
	}
	side->count = runs;
}

/*
 * With sides the unit is the run where one side has several: what differs from run to run with
 * nothing changed is in no round of a single one.
 */
static struct estimate estimate_sides(const struct work *w, struct side side[2],
                                      struct compare_cell *cell)
{
	size_t runs[2] = {count_runs(&side[0]), count_runs(&side[1])};

	if (!w->compare->options.sides || runs[0] + runs[1] < 3)
		return estimate_log_ratio(side[0].rounds, side[0].count, side[1].rounds,
		                          side[1].count, cell->paired);
	join_runs(&side[0]);
	join_runs(&side[1]);
	cell->reference_runs = (unsigned)runs[0];
	cell->runs = (unsigned)runs[1];
	return estimate_runs(side[0].rounds, runs[0], side[1].rounds, runs[1]);
}

/* How far each round of a side moves the mean: analysis/decide/clusters.h. */
static int add_side(struct task *task, const struct side *side, double sign)
{
	double mean = 0, told = 0, count = (double)side->count, squared;
	int rc = 0;

	for (size_t i = 0; i < side->count; i++) {
		if (side->rounds[i].further)
			continue;
		mean += side->rounds[i].log;
		told++;
	}
	mean /= told;
	squared = 1 / (told - 1) / count;
	if (told < count && !task->alone)
		squared *= told > 3 ? (told - 1) / (told - 3) : INFINITY;
	for (size_t i = 0; i < side->count && !rc; i++)
		if (!side->rounds[i].further)
			rc = clusters_add(&task->moved, &side->keys[i],
			                  sign * sqrt(squared) * (side->rounds[i].log - mean));
	return rc;
}

/*
 * A single run against n scatters as one of these, by the n + 1st part of the error squared; which
 * way it is off nobody knows, and cells of one run may all be off the same way.
 */
static int add_single(struct clusters *moved, const struct side side[2],
                      const struct estimate *estimate)
{
	double squares = estimate->error * estimate->error - estimate->clock * estimate->clock;
	int single = side[0].count == 1 ? 0 : 1;
	double runs = (double)side[!single].count;

	return clusters_add(moved, &side[single].keys[0], sqrt(squares * runs / (runs + 1)));
}

static int estimate_cell(const struct work *w, struct bench *b, struct task *task, size_t index)
{
	struct compare_cell *cell = &w->compare->cells[index];
	struct side *side = b->side;
	struct estimate estimate;
	int rc;

	if (*cell->note)
		return 0;
	if (load_cell(w, b, cell))
		return -ENOMEM;
	for (int i = 0; i < 2; i++)
		cell->unresolved[i] = count_unresolved(&side[i]);
	if (cell->unresolved[0] || cell->unresolved[1])
		return 0;
	cell->modes = modes_of_ratio(side[0].rounds, side[0].count, side[1].rounds, side[1].count,
	                             cell->paired, b->logs);
	estimate = estimate_sides(w, side, cell);
	cell->ratio = estimate_ratio(estimate.value);
	if (!cell->modes.of || cell->modes.apart) {
		cell->error = estimate.error;
		cell->freedom = estimate.freedom;
		cell->p = estimate_p(&estimate, 0);
	}
	if (isnan(estimate.error) || cell->modes.of) {
		task->bare_log_ratio += estimate.value;
		task->bare++;
		return 0;
	}
	estimate_ratio_interval(&estimate, COMPARE_LEVEL, &cell->low, &cell->high);
	cell->samples_share = estimate.samples;
	cell->clock = estimate.clock;
	cell->finds = power_finds(&estimate, COMPARE_LEVEL, POWER_USUAL);
	cell->scatter = power_scatter(&estimate, cell->paired);
	task->log_ratio += estimate.value;
	task->clock += estimate.clock;
	task->freedom = fmin(task->freedom, estimate.freedom);
	task->intervals++;
	if (side[0].count == 1 || side[1].count == 1) {
		rc = add_single(&task->moved, side, &estimate);
		if (rc)
			return rc;
	}
	rc = side[0].count > 1 ? add_side(task, &side[0], -1) : 0;
	return rc || side[1].count == 1 ? rc : add_side(task, &side[1], 1);
}

static void *work_thread(void *context)
{
	struct work *w = context;
	struct bench b = {.side = {{.count = 0}}};
	bool failed = false;

	while (!failed && !atomic_load(&w->no_memory)) {
		size_t index = atomic_fetch_add(&w->next, 1);
		struct task *task;

		if (index >= w->task_count)
			break;
		task = &w->tasks[index];
		for (size_t i = 0; i < task->count && !failed; i++)
			failed = estimate_cell(w, &b, task, w->order[task->first + i]) != 0;
		clusters_fold(&task->moved);
	}
	if (failed)
		atomic_store(&w->no_memory, true);
	for (int i = 0; i < 2; i++) {
		free(b.side[i].rounds);
		free(b.side[i].keys);
	}
	free(b.logs);
	rounds_room_free(&b.room);
	return NULL;
}

/*
 * The kernel's mean over its cells, in the order of the tasks. Cells that take as long lie in the
 * same step of the clock, and are off by the same: what the clock adds does not average away.
 */
static int close_kernel(struct compare_kernel *kernel, const struct task *tasks, size_t count)
{
	struct estimate estimate = {.freedom = INFINITY};
	struct clusters moved = {.count = 0};
	double total = 0, bare = 0, clock = 0, cells;
	size_t intervals = 0;
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		rc = clusters_append(&moved, &tasks[i].moved);
		total += tasks[i].log_ratio;
		clock += tasks[i].clock;
		bare += tasks[i].bare_log_ratio;
		intervals += tasks[i].intervals;
		kernel->cells += tasks[i].intervals + tasks[i].bare;
		estimate.freedom = fmin(estimate.freedom, tasks[i].freedom);
	}
	clusters_fold(&moved);
	cells = (double)kernel->cells;
	if (kernel->cells)
		kernel->ratio = estimate_ratio((total + bare) / cells);
	if (kernel->cells && kernel->cells == intervals) {
		estimate.value = total / cells;
		estimate.error = hypot(sqrt(clusters_squares(&moved)), clock) / cells;
		estimate_ratio_interval(&estimate, COMPARE_LEVEL, &kernel->low, &kernel->high);
	}
	clusters_free(&moved);
	return rc;
}

static int close_kernels(struct work *w, struct err *e)
{
	int rc = 0;

	for (size_t i = 0, count; i < w->task_count && !rc; i += count) {
		count = 1;
		while (i + count < w->task_count &&
		       w->tasks[i + count].kernel == w->tasks[i].kernel)
			count++;
		rc = close_kernel(&w->compare->kernels[w->tasks[i].kernel], &w->tasks[i], count);
	}
	return rc ? err_set(e, ENOMEM, "no memory to average %zu kernels", w->compare->kernel_count)
	          : 0;
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
			        .alone = sizes[k] == 1,
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
	int rc = make_tasks(&w, sizes, e);

	if (!rc)
		rc = run_threads(&w, e);
	if (!rc)
		rc = close_kernels(&w, e);
	for (size_t i = 0; i < w.task_count; i++)
		clusters_free(&w.tasks[i].moved);
	free(w.tasks);
	return rc;
}
