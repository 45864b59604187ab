/* SPDX-License-Identifier: MIT */
/*
 * Two-level bootstrap of the ratio of medians of one cell on two platforms.
 *
 * The statistic is the mean over rounds of log(median on b) - log(median on a): the geometric mean
 * of the rounds' ratios. A mean over the highest level, because that level has few repetitions and
 * carries most of the noise, and a robust centre below it: T. Kalibera and R. Jones, "Rigorous
 * Benchmarking in Reasonable Time", ISMM 2013, sections 5 and 6; of a median over five rounds, the
 * bootstrap found a 3 % slowdown half as often in simulation.
 *
 * A resample draws rounds with replacement, then samples with replacement within each drawn round
 * (B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 6 and 8). When
 * both platforms were launched in the same rounds the same rounds are drawn for both, so that what
 * drifts from round to round cancels.
 *
 * Rounds alone make the error. Let the centre of a round vary by R from launch to launch and by S
 * for its samples: the mean of n varies by (R + S) / n, and the n centres, which all have their own
 * S in them, scatter by R + S. Drawing rounds gives (R + S) / n times (n - 1) / n, as any bootstrap
 * of a mean does; drawing samples within them adds S / n, which is there already. (C. Field and A.
 * Welsh, "Bootstrapping clustered data", J. R. Statist. Soc. B 69 (2007), show that drawing whole
 * clusters is consistent.) What the samples move is kept apart: it tells whether more of them or
 * more rounds would help.
 *
 * The standard deviation of the rounds' part, times sqrt(n / (n - 1)) for the few rounds (Efron and
 * Tibshirani, section 5.3, and T. Hesterberg, "What Teachers Should Know About the Bootstrap", The
 * American Statistician 69, 2015), is the standard error; interval and p-value follow from
 * Student's t with n - 1 degrees of freedom (chapter 12), or Welch's where the rounds are not the
 * same. Percentiles of the resamples are not used: of n = 5 rounds they give intervals a third too
 * narrow, and never a p-value below 1 / resamples, which a correction over thousands of cells
 * needs.
 */
#ifndef ANALYSIS_DECIDE_BOOTSTRAP_H
#define ANALYSIS_DECIDE_BOOTSTRAP_H

#include <gsl/gsl_rng.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"

/* One round of one cell on one platform: its samples and those of its baseline (maybe none). */
struct bootstrap_round {
	const double *op, *baseline; /* ns of one iteration; ascending */
	size_t op_count, baseline_count;
	double log_centre; /* of bootstrap_centre(); not finite where that is not positive */
};

/* Which rounds every resample draws: the same for all cells, so that cells can be averaged. */
struct bootstrap_draws {
	unsigned resamples;
	size_t rounds;   /* at most this many */
	double *uniform; /* [resamples][rounds], in [0, 1) */
};

/* `stream` tells independent sets of draws of one seed apart. */
int bootstrap_draws_make(struct bootstrap_draws *draws, uint64_t seed, uint64_t stream,
                         unsigned resamples, size_t rounds, struct err *e);
void bootstrap_draws_free(struct bootstrap_draws *draws);

/* A generator of its own for every (seed, stream), whatever thread it runs on. NULL: no memory. */
gsl_rng *bootstrap_rng(uint64_t seed, uint64_t stream);

/*
 * The median of one resample, with replacement, of values that ascend. Drawn from its exact
 * distribution (order statistics of as many uniforms) without making the resample.
 */
double bootstrap_median(const double *sorted, size_t count, gsl_rng *rng);

/* The median of a round, its baseline's subtracted. */
double bootstrap_centre(const struct bootstrap_round *round);

/* What is known of log(b / a). */
struct bootstrap_estimate {
	double log_ratio;
	double error;   /* standard error */
	double freedom; /* degrees of freedom */
	double samples; /* the share of error squared that the noise of samples accounts for, 0 to 1
	                 */
};

/*
 * Estimate log(b / a) from at least two rounds on either side, whose centres are positive.
 * `paired`: round i of both was the same round (a_count == b_count). replicate[i] gets the log
 * ratio of resample i by its rounds, for i below draws_a->resamples; there is room for four times
 * as many. `draws_b` is not looked at when paired.
 */
struct bootstrap_estimate bootstrap_log_ratio(const struct bootstrap_round *a, size_t a_count,
                                              const struct bootstrap_round *b, size_t b_count,
                                              bool paired, const struct bootstrap_draws *draws_a,
                                              const struct bootstrap_draws *draws_b, gsl_rng *rng,
                                              double *replicate);

/* The interval of that confidence level for b / a, and the two-sided p-value of b / a = 1. */
void bootstrap_interval(const struct bootstrap_estimate *estimate, double level, double *low,
                        double *high);
double bootstrap_p(const struct bootstrap_estimate *estimate);

/* A difference of times and its interval; low and high are NaN with fewer than two rounds. */
struct bootstrap_difference {
	double ns, low, high;
};

/*
 * a - b, or a alone without b: the mean over rounds of the differences of their centres, with the
 * same error of rounds alone and the same rounds drawn for both. Round i of a and of b was the same
 * launch.
 */
struct bootstrap_difference bootstrap_difference(const struct bootstrap_round *a,
                                                 const struct bootstrap_round *b, size_t count,
                                                 unsigned resamples, double level, gsl_rng *rng);

/*
 * Benjamini and Hochberg, "Controlling the False Discovery Rate", J. R. Statist. Soc. B 57 (1995):
 * q[i] is the smallest rate of false discoveries at which hypothesis i would be rejected. NaN
 * p-values belong to no hypothesis and stay NaN. -ENOMEM.
 */
int bootstrap_adjust(const double *p, double *q, size_t count, struct err *e);

#endif
