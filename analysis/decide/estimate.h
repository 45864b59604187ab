/* SPDX-License-Identifier: MIT */
/*
 * What rounds tell of the ratio, or the difference, of one cell on two platforms. Nothing is drawn:
 * the same rounds always say the same.
 *
 * The statistic is the mean over rounds of log(median on b) - log(median on a): the geometric mean
 * of the rounds' ratios. A mean over the highest level, because that level has few repetitions and
 * carries most of the noise, and a robust centre below it: T. Kalibera and R. Jones, "Rigorous
 * Benchmarking in Reasonable Time", ISMM 2013, sections 5 and 6.
 *
 * Rounds make the error. Let the centre of a round vary by R from launch to launch and by S for its
 * samples: the n centres scatter by R + S, and their mean varies by (R + S) / n. So the samples are
 * in it already, and must not be counted again. Where both platforms were launched in the same
 * rounds it is the differences that scatter, and what drifts from round to round cancels: interval
 * and p-value are those of Student's t with n - 1 degrees of freedom. Where they were not, both
 * sides scatter on their own, and t has the degrees of freedom of the side with fewer rounds, less
 * one: with those it is never too sure of itself, whatever the two variances are (M. Mickey and M.
 * Brown, "Bounds on the Distribution Functions of the Behrens-Fisher Statistic", Annals of
 * Mathematical Statistics 37, 1966). Welch's and Satterthwaite's number is itself estimated, and
 * from two rounds it is noise: 10 rounds against 2 that were no different differed with p below
 * 0.05 in one of five cells.
 *
 * Rounds do not average away the steps of the clock: a centre is known no better than to the step
 * over the iterations of a batch, as is the baseline that is subtracted from it; each as much as
 * the standard deviation of a uniform distribution of that width. That is added to the error of
 * either side. Rounds that all say exactly the same show no scatter: two or three can do so by
 * accident, and nothing is known then; from ESTIMATE_CERTAIN on the clock's step is the error,
 * where it was recorded.
 *
 * Rounds that were made because those before them scattered much tell of the mean, and no longer of
 * the scatter: where the first ones happened to agree there are no more of them, and the scatter of
 * all is too small. By simulation intervals of 95 % hold the truth in 92 % then. With the scatter
 * of the first, and their degrees of freedom, it is Student's t to the letter: given how these
 * scatter, the mean of all knows nothing of it (C. Stein, Annals of Mathematical Statistics 16,
 * 1945). It takes the noise to stay as it was in the first ones.
 *
 * What cannot be seen: what no round shows. A launch in ten that is five times slower is in none of
 * five rounds more often than not, and no interval made of these five has room for it
 * (analysis/decide/modes.h for those that a round shows).
 */
#ifndef ANALYSIS_DECIDE_ESTIMATE_H
#define ANALYSIS_DECIDE_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/err.h"

/* As many rounds do not agree by accident to the last digit. */
#define ESTIMATE_CERTAIN 4

/*
 * From so many rounds on an interval may be believed: by simulation (tests/analysis/decide/
 * test_calibration_rounds.c) 93 to 98 % of the intervals hold the truth where launches scatter
 * normally, by heavy tails, evenly, or are of two kinds that are equally frequent, also on one of
 * the platforms alone; where both platforms' launches are alike, by whatever shape. Of four rounds
 * it is 87 % where launches of one platform are of two kinds. What no number like five makes good:
 * a long tail to one side, or a rare kind, that one platform has and the other has not.
 */
#define ESTIMATE_BELIEVED 5

/* One round of one cell on one platform. Nanoseconds of an iteration. */
struct estimate_round {
	double ns;      /* its centre: the median, that of its baseline subtracted */
	double log;     /* of the centre; not finite where that is not positive */
	double samples; /* standard error of the centre that its samples make */
	double clock;   /* the same of the steps of the clock; 0: not known */
	bool further;   /* made because of how those before it scattered */
};

/* What is known of log(b / a), or of a - b in nanoseconds. */
struct estimate {
	double value;
	double error;   /* standard error; NaN: nothing is known of it */
	double freedom; /* degrees of freedom */
	double clock;   /* the part of the error that is the clock's, added in quadrature */
	double samples; /* the share of error squared that the noise of samples accounts for, 0 to
	                 * 1; more samples could take that away, and nothing but rounds the rest */
};

/*
 * Of log(b / a), from rounds whose centres are positive, at least one on either side. `paired`:
 * round i of both was the same round (a_count == b_count).
 */
struct estimate estimate_log_ratio(const struct estimate_round *a, size_t a_count,
                                   const struct estimate_round *b, size_t b_count, bool paired);

/*
 * The mean of the rounds of one run, as one: what runs have in common in their rounds does not
 * average away within one, nor do the steps of the clock. At least one round.
 */
struct estimate_round estimate_run(const struct estimate_round *rounds, size_t count);

/*
 * Of log(b / a), where each is a run: they scatter as rounds do, and by what differs from run to
 * run. A side of a single run is taken to scatter as the other side does, whose degrees of freedom
 * are those of the result; more than one on one of them.
 */
struct estimate estimate_runs(const struct estimate_round *a, size_t a_count,
                              const struct estimate_round *b, size_t b_count);

/* Of a - b, or of a alone without b. Round i of a and of b was the same launch; at least one. */
struct estimate estimate_difference(const struct estimate_round *a, const struct estimate_round *b,
                                    size_t count);

/* The ratio whose log that is; what no double holds stands at the end of those that are. */
double estimate_ratio(double log_ratio);

/* The interval of that confidence level, and that of b / a; NaN where the error is. */
void estimate_interval(const struct estimate *estimate, double level, double *low, double *high);
void estimate_ratio_interval(const struct estimate *estimate, double level, double *low,
                             double *high);

/* The two-sided p-value of `value`, and the one-sided of at most `value`; NaN where the error is.
 */
double estimate_p(const struct estimate *estimate, double value);
double estimate_p_above(const struct estimate *estimate, double value);

/*
 * Benjamini and Hochberg, "Controlling the False Discovery Rate", J. R. Statist. Soc. B 57 (1995):
 * q[i] is the smallest rate of false discoveries at which hypothesis i would be rejected. NaN
 * p-values belong to no hypothesis and stay NaN. -ENOMEM.
 */
int estimate_adjust(const double *p, double *q, size_t count, struct err *e);

#endif
