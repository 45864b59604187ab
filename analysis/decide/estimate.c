/* SPDX-License-Identifier: MIT */
#include "analysis/decide/estimate.h"

#include <errno.h>
#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* Numbers that differ by less, relatively, differ by the rounding of their arithmetic. */
#define ROUNDING 1e-12

/* Running sums of what the rounds of one side say (Welford), and of what is known of their noise.
 */
struct side {
	double count, mean;
	double told, told_mean, squares; /* of those that tell of the scatter */
	double least, most, size;        /* the same; size: the largest magnitude */
	double samples, clock;           /* sums of squares */
};

static void add_scatter(struct side *s, double value)
{
	double delta = value - s->told_mean;

	s->least = s->told > 0 ? fmin(s->least, value) : value;
	s->most = s->told > 0 ? fmax(s->most, value) : value;
	s->size = fmax(s->size, fabs(value));
	s->told_mean += delta / ++s->told;
	s->squares += delta * (value - s->told_mean);
}

static void add(struct side *s, double value, double samples, double clock, bool further)
{
	s->mean += (value - s->mean) / (s->count + 1);
	s->count++;
	s->samples += samples * samples;
	s->clock += clock * clock;
	if (!further)
		add_scatter(s, value);
}

/* Of one side, or of both where the rounds are pairs. */
static struct estimate close_side(const struct side *s)
{
	struct estimate e = {
	        .value = s->mean, .error = NAN, .freedom = s->told - 1, .samples = NAN};
	double clock = s->clock / s->count, squares = s->squares / (s->told - 1);

	e.clock = sqrt(clock);
	if (s->told < 2)
		return e;
	if (s->most - s->least <= ROUNDING * (1 + s->size))
		squares = 0;
	if (squares > 0 || (clock > 0 && s->told >= ESTIMATE_CERTAIN)) {
		e.error = sqrt(squares / s->count + clock);
		e.samples = fmin(1, s->samples / (s->count * s->count) / (e.error * e.error));
	}
	return e;
}

static struct estimate log_side(const struct estimate_round *rounds, size_t count)
{
	struct side s = {.count = 0};

	for (size_t i = 0; i < count; i++)
		add(&s, rounds[i].log, rounds[i].samples / rounds[i].ns,
		    rounds[i].clock / rounds[i].ns, rounds[i].further);
	return close_side(&s);
}

static struct estimate log_pairs(const struct estimate_round *a, const struct estimate_round *b,
                                 size_t count)
{
	struct side s = {.count = 0};

	for (size_t i = 0; i < count; i++)
		add(&s, b[i].log - a[i].log, hypot(a[i].samples / a[i].ns, b[i].samples / b[i].ns),
		    hypot(a[i].clock / a[i].ns, b[i].clock / b[i].ns),
		    a[i].further || b[i].further);
	return close_side(&s);
}

struct estimate estimate_log_ratio(const struct estimate_round *a, size_t a_count,
                                   const struct estimate_round *b, size_t b_count, bool paired)
{
	struct estimate of_a, of_b, e;

	if (paired)
		return log_pairs(a, b, a_count);
	of_a = log_side(a, a_count);
	of_b = log_side(b, b_count);
	e = (struct estimate){
	        .value = of_b.value - of_a.value,
	        .error = hypot(of_a.error, of_b.error),
	        .freedom = fmin(of_a.freedom, of_b.freedom),
	        .clock = hypot(of_a.clock, of_b.clock),
	};
	e.samples =
	        (of_a.samples * of_a.error * of_a.error + of_b.samples * of_b.error * of_b.error) /
	        (e.error * e.error);
	return e;
}

struct estimate_round estimate_run(const struct estimate_round *rounds, size_t count)
{
	struct estimate_round run = {.log = 0};
	double n = (double)count;

	for (size_t i = 0; i < count; i++) {
		run.log += rounds[i].log / n;
		run.samples += pow(rounds[i].samples / rounds[i].ns / n, 2);
		run.clock += rounds[i].clock / rounds[i].ns / n;
	}
	run.ns = exp(run.log);
	run.samples = sqrt(run.samples) * run.ns;
	run.clock *= run.ns;
	return run;
}

struct estimate estimate_runs(const struct estimate_round *a, size_t a_count,
                              const struct estimate_round *b, size_t b_count)
{
	struct estimate of_a = log_side(a, a_count), of_b = log_side(b, b_count), e;
	const struct estimate *more = a_count > 1 ? &of_a : &of_b;
	double runs = a_count > 1 ? (double)a_count : (double)b_count;
	double squares = more->error * more->error - more->clock * more->clock;

	if (a_count > 1 && b_count > 1)
		return estimate_log_ratio(a, a_count, b, b_count, false);
	e = (struct estimate){.value = of_b.value - of_a.value,
	                      .freedom = more->freedom,
	                      .clock = hypot(of_a.clock, of_b.clock)};
	e.error = sqrt(squares * (1 + runs) + e.clock * e.clock);
	e.samples = more->samples;
	return e;
}

struct estimate estimate_difference(const struct estimate_round *a, const struct estimate_round *b,
                                    size_t count)
{
	static const struct estimate_round nothing = {.ns = 0};
	struct side s = {.count = 0};

	for (size_t i = 0; i < count; i++) {
		const struct estimate_round *less = b ? &b[i] : &nothing;

		add(&s, a[i].ns - less->ns, hypot(a[i].samples, less->samples),
		    hypot(a[i].clock, less->clock), a[i].further);
	}
	return close_side(&s);
}

double estimate_ratio(double log_ratio)
{
	double ratio = exp(log_ratio);

	return isnan(ratio) ? ratio : fmax(DBL_MIN, fmin(DBL_MAX, ratio));
}

void estimate_interval(const struct estimate *e, double level, double *low, double *high)
{
	double reach = NAN;

	if (e->error > 0)
		reach = gsl_cdf_tdist_Pinv((1 + level) / 2, e->freedom) * e->error;
	*low = e->value - reach;
	*high = e->value + reach;
}

void estimate_ratio_interval(const struct estimate *e, double level, double *low, double *high)
{
	estimate_interval(e, level, low, high);
	*low = estimate_ratio(*low);
	*high = estimate_ratio(*high);
}

double estimate_p_above(const struct estimate *e, double value)
{
	return e->error > 0 ? gsl_cdf_tdist_Q((e->value - value) / e->error, e->freedom) : NAN;
}

double estimate_p(const struct estimate *e, double value)
{
	double t = fabs(e->value - value) / e->error;

	return e->error > 0 ? 2 * gsl_cdf_tdist_Q(t, e->freedom) : NAN;
}

struct ranked {
	double p;
	size_t index;
};

static int compare_ranked(const void *a, const void *b)
{
	double x = ((const struct ranked *)a)->p, y = ((const struct ranked *)b)->p;

	return (x > y) - (x < y);
}

int estimate_adjust(const double *p, double *q, size_t count, struct err *e)
{
	struct ranked *ranked = calloc(count + 1, sizeof(*ranked));
	double least = 1;
	size_t m = 0;

	if (!ranked)
		return err_set(e, ENOMEM, "no memory to correct %zu p-values", count);
	for (size_t i = 0; i < count; i++) {
		q[i] = NAN;
		if (!isnan(p[i]))
			ranked[m++] = (struct ranked){p[i], i};
	}
	qsort(ranked, m, sizeof(*ranked), compare_ranked);
	for (size_t rank = m; rank > 0; rank--) {
		least = fmin(least, ranked[rank - 1].p * (double)m / (double)rank);
		q[ranked[rank - 1].index] = least;
	}
	free(ranked);
	return 0;
}
