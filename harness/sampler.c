/* SPDX-License-Identifier: MIT */
#include "harness/sampler.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/mark.h"
#include "harness/noise.h"
#include "harness/slow.h"
#include "harness/team.h"

#define SINGLE_TRIES     16           /* operations alone before a series of them */
#define SINGLE_BASELINES 1000         /* baseline samples of a single-shot series, at most */
#define SIZINGS          3            /* of a cell's batches, where the first ones were wrong */
#define ITERATIONS_MAX   (1ULL << 32) /* even at a cycle each, a second: no batch needs more */

/* One cell under way. */
struct run {
	const struct kernel *kernel;
	const struct sampler_plan *plan;
	const struct clock *clock;
	struct team *team;
	void *state;
	struct sampler_result *result;
	uint64_t operations; /* so far, with those of the warm-up */
};

const char *cell_status_name(enum cell_status status)
{
	static const char *const names[] = {"ok", "skipped", "failed"};

	return names[status];
}

static int finish(struct sampler_result *result, enum cell_status status, const char *reason)
{
	result->status = status;
	snprintf(result->reason, sizeof(result->reason), "%s", reason);
	return 0;
}

static int refuse(struct sampler_result *result, int rc, const struct err *why)
{
	return finish(result, rc == -ENOTSUP ? CELL_SKIPPED : CELL_FAILED, why->text);
}

static int reset(const struct run *r, struct err *e)
{
	return r->kernel->reset ? r->kernel->reset(r->state, e) : 0;
}

/* Ticks of `iterations` of a series' work on all threads. */
static uint64_t run_team(struct run *r, enum sample_series series, team_work *work,
                         uint64_t iterations)
{
	struct slow slow = {work, r->state, r->plan->slow};

	if (series == SERIES_OP && slow.share > 0)
		return team_run(r->team, slow_work, &slow, iterations);
	return team_run(r->team, work, r->state, iterations);
}

/* One batch of a series: the kernel times it by itself, or the team does. */
static int batch(struct run *r, enum sample_series series, uint64_t iterations, struct sample *s,
                 struct err *e)
{
	bool baseline = series == SERIES_BASELINE;
	struct timing timing;
	int rc;

	*s = (struct sample){.series = series, .iterations = iterations};
	r->operations += baseline ? 0 : iterations;
	if (!r->kernel->take) {
		s->ticks = run_team(r, series, baseline ? r->kernel->baseline : r->kernel->run,
		                    iterations);
		return team_check(r->team, e);
	}
	rc = r->kernel->take(r->state, baseline, iterations, 1, &timing, e);
	s->ticks = timing.ticks;
	s->interrupts = timing.interrupts;
	s->interrupts_known = true;
	return rc;
}

static int op_batch(struct run *r, uint64_t iterations, uint64_t *ticks, struct err *e)
{
	struct sample s = {0};
	int rc = reset(r, e);

	if (!rc)
		rc = batch(r, SERIES_OP, iterations, &s, e);
	if (!rc)
		*ticks = s.ticks;
	return rc;
}

/*
 * A batch of at least `enough` ticks may only have been interrupted, for a whole time slice where
 * others want the CPU: then the faster of two counts.
 */
static int undisturbed_batch(struct run *r, uint64_t iterations, double enough, uint64_t *ticks,
                             struct err *e)
{
	uint64_t again;
	int rc = op_batch(r, iterations, ticks, e);

	if (rc || (double)*ticks < enough)
		return rc;
	rc = op_batch(r, iterations, &again, e);
	if (!rc && again < *ticks)
		*ticks = again;
	return rc;
}

/*
 * Warm up, then fix the batch size: enough iterations for batch_ns and for twice the least number
 * of clock steps, by the fastest of three batches, so that no later one falls below the least.
 */
static int fix_iterations(struct run *r, uint64_t *iterations, struct err *e)
{
	double steps = 2.0 * SAMPLER_MIN_STEPS * (double)r->clock->step;
	double target = fmax(r->plan->batch_ns * r->clock->hz / 1e9, steps);
	double warmup = r->plan->warmup_ns * r->clock->hz / 1e9;
	uint64_t n = 1, ticks = 0;
	double spent = 0;

	for (;;) {
		int rc = undisturbed_batch(r, n, target / 8, &ticks, e);

		if (rc)
			return rc;
		spent += (double)ticks;
		if ((double)ticks >= target / 8 || n >= ITERATIONS_MAX) {
			if (spent >= warmup)
				break;
		} else {
			n *= 2;
		}
	}
	if (r->plan->iterations) {
		*iterations = r->plan->iterations;
		return 0;
	}
	/* A batch that is long enough already needs no better estimate. */
	for (int i = 0; i < 3 && (double)ticks < target; i++) {
		uint64_t again;
		int rc = op_batch(r, n, &again, e);

		if (rc)
			return rc;
		if (again < ticks)
			ticks = again;
	}
	*iterations = (uint64_t)ceil(fmax(1, (double)n * target / (double)(ticks ? ticks : 1)));
	if ((double)ticks >= target)
		*iterations = n;
	return 0;
}

/* Baseline and operation alternate, so that slow drift falls on both alike. */
static int sample_batches(struct run *r, uint64_t iterations, struct err *e)
{
	struct sampler_result *result = r->result;
	uint64_t least = SAMPLER_MIN_STEPS * r->clock->step;
	bool baseline = r->kernel->baseline || r->kernel->take;

	for (unsigned i = 0; i < r->plan->samples; i++) {
		struct sample s = {0};
		uint64_t faults;
		int rc = 0;

		if (r->plan->turns)
			raise(SIGSTOP);
		if (baseline) {
			rc = batch(r, SERIES_BASELINE, iterations, &s, e);
			if (!rc)
				result->samples[result->count++] = s;
		}
		if (!rc)
			rc = reset(r, e);
		if (rc)
			return rc;
		faults = noise_page_faults();
		counters_start();
		rc = batch(r, SERIES_OP, iterations, &s, e);
		counters_stop(&result->noise.counters);
		if (rc)
			return rc;
		result->noise.page_faults += noise_page_faults() - faults;
		result->noise.migrations += team_migrations(r->team);
		result->samples[result->count++] = s;
		if (s.ticks < least)
			return err_set(e, ERANGE,
			               "a batch of %" PRIu64 " iterations lasted %" PRIu64
			               " ticks, less than the %" PRIu64
			               " that this clock can time to 0.1 %%: raise --iterations",
			               iterations, s.ticks, least);
	}
	return 0;
}

/*
 * Where all the batches that fixed the size were interrupted, one that is not is too short for the
 * clock: the size was wrong for every sample, and is fixed anew.
 */
static int sample_sized(struct run *r, struct err *e)
{
	int rc = -ERANGE;

	for (int attempt = 0; rc == -ERANGE && attempt < SIZINGS; attempt++) {
		uint64_t iterations;

		r->result->count = 0;
		r->result->noise = (struct cell_noise){0};
		rc = fix_iterations(r, &iterations, e);
		if (!rc)
			rc = sample_batches(r, iterations, e);
		if (r->plan->iterations)
			break;
	}
	return rc;
}

static void nothing(void *state, unsigned thread, uint64_t iterations)
{
	(void)state;
	(void)thread;
	(void)iterations;
}

/* `count` iterations alone, of a kernel that times itself: in one go, as it is made for. */
static int take_singles(struct run *r, enum sample_series series, size_t count, struct err *e)
{
	struct timing *timings = calloc(count + 1, sizeof(*timings));
	int rc;

	if (!timings)
		return err_set(e, ENOMEM, "no memory for %zu samples", count);
	rc = r->kernel->take(r->state, series == SERIES_BASELINE, 1, count, timings, e);
	for (size_t i = 0; i < count && !rc; i++)
		r->result->samples[r->result->count++] =
		        (struct sample){.series = series,
		                        .iterations = 1,
		                        .ticks = timings[i].ticks,
		                        .interrupts = timings[i].interrupts,
		                        .interrupts_known = true};
	free(timings);
	return rc;
}

static int run_singles(struct run *r, enum sample_series series, size_t count,
                       struct cell_noise *noise, struct err *e)
{
	team_work *work = r->kernel->run;
	int rc = 0;

	if (series == SERIES_OP)
		r->operations += count;
	if (r->kernel->take)
		return take_singles(r, series, count, e);
	if (series == SERIES_BASELINE)
		work = r->kernel->baseline ? r->kernel->baseline : nothing;
	for (size_t i = 0; i < count && !rc; i++) {
		r->result->samples[r->result->count++] = (struct sample){
		        .series = series, .iterations = 1, .ticks = run_team(r, series, work, 1)};
		rc = team_check(r->team, e);
		noise->migrations += team_migrations(r->team);
	}
	return rc;
}

/* Page faults are those of the operations alone: before and after them others fault too. */
static int run_counted(struct run *r, enum sample_series series, size_t count,
                       struct cell_noise *noise, struct err *e)
{
	uint64_t faults = noise_page_faults();
	int rc;

	counters_start();
	rc = run_singles(r, series, count, noise, e);
	counters_stop(&noise->counters);
	noise->page_faults = noise_page_faults() - faults;
	return rc;
}

/*
 * Linux moves pages about (compaction), and the next use of one that is on its way faults once
 * more: so many of these leave the median of `samples` operations what it is.
 */
static unsigned stray_faults(unsigned samples)
{
	return samples < 100 ? samples >= 4 : samples / 100;
}

/* Fewer faults than operations take, and some did not do what they should. */
static int check_faults(uint64_t faults, unsigned samples, unsigned each, struct err *e)
{
	uint64_t least = (uint64_t)samples * each;

	if (each == KERNEL_ANY_FAULTS ||
	    (faults >= least && faults - least <= stray_faults(samples)))
		return 0;
	return err_set(e, EIO, "%u operations took %" PRIu64 " page faults, not %" PRIu64 "%s",
	               samples, faults, least,
	               faults > least ? ": Linux moved pages meanwhile, or took some away" : "");
}

/*
 * Every iteration alone. What can be done only once is not warmed up; all that leads there is, by
 * the baseline, whose noise is nobody's.
 */
static int sample_singles(struct run *r, const struct cell *cell, unsigned samples,
                          unsigned baselines, struct err *e)
{
	struct cell_noise *noise = &r->result->noise;
	struct cell_noise unused = {0};
	int rc = run_counted(r, SERIES_BASELINE, baselines, &unused, e);

	if (!rc)
		rc = reset(r, e);
	if (!rc)
		rc = run_counted(r, SERIES_OP, samples, noise, e);
	if (rc || !r->kernel->faults)
		return rc;
	return check_faults(noise->page_faults, samples, r->kernel->faults(cell), e);
}

static int make_room(struct sampler_result *result, size_t samples, struct err *e)
{
	size_t bytes = (samples + 1) * sizeof(*result->samples);

	result->samples = malloc(bytes);
	if (!result->samples)
		return err_set(e, ENOMEM, "no memory for %zu samples", samples);
	/* Written now: the page faults of fresh memory must not fall between the samples. */
	memset(result->samples, 0xff, bytes);
	return 0;
}

/* The fastest of a few single iterations of a series, after as many to warm up. */
static int fastest_single(struct run *r, enum sample_series series, uint64_t *fastest,
                          struct err *e)
{
	*fastest = UINT64_MAX;
	for (int i = 0; i < 2 * SINGLE_TRIES; i++) {
		struct sample s = {0};
		int rc = reset(r, e);

		if (!rc && series == SERIES_BASELINE && !r->kernel->take && !r->kernel->baseline)
			s.ticks = run_team(r, series, nothing, 1);
		else if (!rc)
			rc = batch(r, series, 1, &s, e);
		if (rc)
			return rc;
		if (i >= SINGLE_TRIES && s.ticks < *fastest)
			*fastest = s.ticks;
	}
	return 0;
}

/* Is one operation, less what timing takes, long enough for this clock? */
static int check_single(struct run *r, struct err *e)
{
	uint64_t least = SAMPLER_SINGLE_STEPS * r->clock->step, operation = 0, empty = 0;
	int rc = fastest_single(r, SERIES_BASELINE, &empty, e);

	if (!rc)
		rc = fastest_single(r, SERIES_OP, &operation, e);
	if (rc || operation >= empty + least)
		return rc;
	return err_set(e, ENOTSUP,
	               "one operation takes %" PRIu64 " ticks, less than the %" PRIu64
	               " that this clock can time to 5%%: time it in batches, without --single",
	               operation > empty ? operation - empty : 0, least);
}

static int sample_all(struct run *r, const struct cell *cell, struct err *e)
{
	unsigned samples = r->plan->samples;
	int rc = cell->single ? check_single(r, e) : 0;

	if (rc)
		return rc;
	if (r->result->single_shot) {
		unsigned baselines = samples < SINGLE_BASELINES ? samples : SINGLE_BASELINES;

		if (r->kernel->capacity) {
			uint64_t capacity = r->kernel->capacity(r->state);

			samples = samples < capacity ? samples : (unsigned)capacity;
		}
		rc = make_room(r->result, (size_t)samples + baselines, e);
		return rc ? rc : sample_singles(r, cell, samples, baselines, e);
	}
	rc = make_room(r->result, 2 * (size_t)samples, e);
	return rc ? rc : sample_sized(r, e);
}

/* The host counts the exits between the two marks. Nothing is lost when it does not listen. */
static void mark_end(const struct run *r, const struct cell *cell)
{
	char name[256], line[320];

	cell_text(cell, name, sizeof(name));
	snprintf(line, sizeof(line), MARK_END " %" PRIu64 " %s", r->operations, name);
	mark_send(r->plan->mark, line);
}

/* Setup is done: sample between two readings of the noise, then see whether the work was done. */
static int sample_and_verify(struct run *r, const struct setup *setup, struct err *e)
{
	struct cell_noise *noise = &r->result->noise;
	struct noise_reading before, after;
	int rc;

	if (r->plan->mark > 0)
		mark_send(r->plan->mark, MARK_BEGIN);
	noise_read(setup->place, &before);
	rc = sample_all(r, setup->cell, e);
	noise_read(setup->place, &after);
	if (r->plan->mark > 0)
		mark_end(r, setup->cell);
	noise->steal_known = before.steal_known && after.steal_known;
	noise->steal_ns = noise->steal_known ? after.steal_ns - before.steal_ns : 0;
	noise->involuntary = after.involuntary - before.involuntary;
	if (!rc && r->kernel->verify)
		rc = r->kernel->verify(r->state, e);
	return rc;
}

static int check_here(const struct setup *setup, const struct sampler_plan *plan, struct err *e)
{
	const struct cell *cell = setup->cell;

	if (plan->slow > 0 && cell->kernel->take)
		return err_set(e, ENOTSUP, "kernel %s times itself and cannot be slowed",
		               cell->kernel->name);

	if (cell->variant->feature >= 0 && !cpu_has((enum cpu_feature)cell->variant->feature))
		return err_set(e, ENOTSUP, "the CPU has no %s",
		               cpu_feature_name((enum cpu_feature)cell->variant->feature));
	return cell->kernel->probe ? cell->kernel->probe(setup, e) : 0;
}

int sampler_run(const struct setup *setup, const struct sampler_plan *plan,
                const struct clock *clock, struct sampler_result *result, struct err *e)
{
	const struct kernel *kernel = setup->cell->kernel;
	struct run r = {.kernel = kernel, .plan = plan, .clock = clock, .result = result};
	struct err why = {""};
	int rc;

	memset(result, 0, sizeof(*result));
	result->slow = plan->slow;
	result->single_shot = setup->cell->single || (kernel->flags & KERNEL_SINGLE_SHOT);
	if (kernel->traffic)
		kernel->traffic(setup->cell, &result->traffic);
	rc = check_here(setup, plan, &why);
	if (rc)
		return refuse(result, rc, &why);
	rc = team_open(setup->place, &r.team, e);
	if (rc)
		return rc;
	rc = kernel->setup(setup, &r.state, &why);
	if (!rc) {
		rc = sample_and_verify(&r, setup, &why);
		if (kernel->teardown)
			kernel->teardown(r.state);
	}
	team_close(r.team);
	return rc ? refuse(result, rc, &why) : finish(result, CELL_OK, "");
}

void sampler_result_free(struct sampler_result *result)
{
	free(result->samples);
	memset(result, 0, sizeof(*result));
}
