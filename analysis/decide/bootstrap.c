/* SPDX-License-Identifier: MIT */
#include "analysis/decide/bootstrap.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/decide/stats.h"

/* SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014): neighbouring seeds become unrelated. */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

gsl_rng *bootstrap_rng(uint64_t seed, uint64_t stream)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);

	if (rng)
		gsl_rng_set(rng, mix(mix(seed) ^ stream) & UINT32_MAX);
	return rng;
}

int bootstrap_draws_make(struct bootstrap_draws *draws, uint64_t seed, uint64_t stream,
                         unsigned resamples, size_t rounds, struct err *e)
{
	gsl_rng *rng = bootstrap_rng(seed, stream);

	draws->resamples = resamples;
	draws->rounds = rounds;
	draws->uniform = calloc((size_t)resamples * rounds + 1, sizeof(double));
	if (!rng || !draws->uniform) {
		gsl_rng_free(rng);
		return err_set(e, ENOMEM, "no memory for %u resamples of %zu rounds", resamples,
		               rounds);
	}
	for (size_t i = 0; i < resamples * rounds; i++)
		draws->uniform[i] = gsl_rng_uniform(rng);
	gsl_rng_free(rng);
	return 0;
}

void bootstrap_draws_free(struct bootstrap_draws *draws)
{
	free(draws->uniform);
	draws->uniform = NULL;
}

double bootstrap_median(const double *sorted, size_t count, gsl_rng *rng)
{
	size_t half_count = count / 2, low, high;
	double n = (double)count, half = (double)half_count, u, v;

	if (count < 3)
		return count == 1 ? sorted[0]
		                  : (sorted[gsl_rng_uniform(rng) >= 0.5] +
		                     sorted[gsl_rng_uniform(rng) >= 0.5]) /
		                            2;
	if (count % 2) {
		u = gsl_ran_beta(rng, half + 1, half + 1);
		low = (size_t)(u * n);
		return sorted[low < count ? low : count - 1];
	}
	/* The two in the middle: the second is the least of the `half` uniforms above the first. */
	u = gsl_ran_beta(rng, half, half + 1);
	v = u + (1 - u) * (1 - pow(gsl_rng_uniform_pos(rng), 1 / half));
	low = (size_t)(u * n);
	high = (size_t)(v * n);
	low = low < count ? low : count - 1;
	high = high < count ? high : count - 1;
	return (sorted[low] + sorted[high]) / 2;
}

double bootstrap_centre(const struct bootstrap_round *round)
{
	double centre = stats_quantile(round->op, round->op_count, 0.5);

	if (round->baseline_count)
		centre -= stats_quantile(round->baseline, round->baseline_count, 0.5);
	return centre;
}

/* The log of a resampled centre. One that the baseline ate up altogether counts as very small. */
static double draw_log_centre(const struct bootstrap_round *round, gsl_rng *rng)
{
	double op = bootstrap_median(round->op, round->op_count, rng), centre = op;

	if (round->baseline_count)
		centre -= bootstrap_median(round->baseline, round->baseline_count, rng);
	return log(centre > 1e-3 * op ? centre : 1e-3 * op);
}

/* A resample of one side: what its rounds say, and how far its samples moved that. */
static double draw_side(const struct bootstrap_round *rounds, size_t count, const double *uniform,
                        gsl_rng *rng, double *moved)
{
	double sum = 0, samples = 0;

	for (size_t i = 0; i < count; i++) {
		const struct bootstrap_round *round = &rounds[(size_t)(uniform[i] * (double)count)];

		sum += round->log_centre;
		samples += draw_log_centre(round, rng) - round->log_centre;
	}
	*moved = samples / (double)count;
	return sum / (double)count;
}

static double mean_log_centre(const struct bootstrap_round *rounds, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += rounds[i].log_centre;
	return sum / (double)count;
}

/* The variance of a side, as if the rounds were more than they are. */
static double variance(const double *replicate, unsigned resamples, size_t rounds)
{
	double n = (double)rounds;

	return gsl_stats_variance(replicate, 1, resamples) * n / (n - 1);
}

struct bootstrap_estimate bootstrap_log_ratio(const struct bootstrap_round *a, size_t a_count,
                                              const struct bootstrap_round *b, size_t b_count,
                                              bool paired, const struct bootstrap_draws *draws_a,
                                              const struct bootstrap_draws *draws_b, gsl_rng *rng,
                                              double *replicate)
{
	struct bootstrap_estimate estimate = {
	        .log_ratio = mean_log_centre(b, b_count) - mean_log_centre(a, a_count),
	};
	unsigned resamples = draws_a->resamples;
	double *of_side[2] = {replicate + resamples, replicate + resamples + resamples};
	double *moved = of_side[1] + resamples, va, vb;

	for (unsigned i = 0; i < resamples; i++) {
		const double *of_a = &draws_a->uniform[i * draws_a->rounds];
		const double *of_b = paired ? of_a : &draws_b->uniform[i * draws_b->rounds];
		double moved_a, moved_b;

		of_side[0][i] = draw_side(a, a_count, of_a, rng, &moved_a);
		of_side[1][i] = draw_side(b, b_count, of_b, rng, &moved_b);
		replicate[i] = of_side[1][i] - of_side[0][i];
		moved[i] = moved_b - moved_a;
	}
	if (paired) {
		estimate.error = sqrt(variance(replicate, resamples, a_count));
		estimate.freedom = (double)a_count - 1;
	} else {
		va = variance(of_side[0], resamples, a_count);
		vb = variance(of_side[1], resamples, b_count);
		/* Welch and Satterthwaite: Biometrika 34 (1947), Biometrics 2 (1946). */
		estimate.error = sqrt(va + vb);
		estimate.freedom =
		        (va + vb) * (va + vb) /
		        (va * va / ((double)a_count - 1) + vb * vb / ((double)b_count - 1));
		if (!(va + vb > 0))
			estimate.freedom = (double)(a_count < b_count ? a_count : b_count) - 1;
	}
	if (estimate.error > 0)
		estimate.samples = fmin(1, gsl_stats_variance(moved, 1, resamples) /
		                                   (estimate.error * estimate.error));
	return estimate;
}

void bootstrap_interval(const struct bootstrap_estimate *estimate, double level, double *low,
                        double *high)
{
	double t = gsl_cdf_tdist_Pinv((1 + level) / 2, estimate->freedom);

	*low = exp(estimate->log_ratio - t * estimate->error);
	*high = exp(estimate->log_ratio + t * estimate->error);
}

double bootstrap_p(const struct bootstrap_estimate *estimate)
{
	/* Without any noise at all (a clock that ticks coarsely) every difference is one. */
	if (!(estimate->error > 0))
		return estimate->log_ratio == 0 ? 1 : 0;
	return 2 * gsl_cdf_tdist_Q(fabs(estimate->log_ratio) / estimate->error, estimate->freedom);
}

static double round_difference(const struct bootstrap_round *a, const struct bootstrap_round *b,
                               size_t i)
{
	return bootstrap_centre(&a[i]) - (b ? bootstrap_centre(&b[i]) : 0);
}

struct bootstrap_difference bootstrap_difference(const struct bootstrap_round *a,
                                                 const struct bootstrap_round *b, size_t count,
                                                 unsigned resamples, double level, gsl_rng *rng)
{
	struct bootstrap_difference d = {.low = NAN, .high = NAN};
	double n = (double)count, mean = 0, squares = 0, error;

	for (size_t i = 0; i < count; i++)
		d.ns += round_difference(a, b, i) / n;
	if (count < 2)
		return d;
	/* Welford: running mean and sum of squares of the resamples. */
	for (unsigned r = 0; r < resamples; r++) {
		double sum = 0, delta;

		for (size_t i = 0; i < count; i++)
			sum += round_difference(a, b, (size_t)(gsl_rng_uniform(rng) * n));
		delta = sum / n - mean;
		mean += delta / (r + 1);
		squares += delta * (sum / n - mean);
	}
	error = sqrt(squares / (resamples - 1) * n / (n - 1));
	d.low = d.ns - gsl_cdf_tdist_Pinv((1 + level) / 2, n - 1) * error;
	d.high = d.ns + gsl_cdf_tdist_Pinv((1 + level) / 2, n - 1) * error;
	return d;
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

int bootstrap_adjust(const double *p, double *q, size_t count, struct err *e)
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
