/* SPDX-License-Identifier: MIT */
/*
 * Which difference can rounds find, and how many rounds does it take to find one? Found: a test at
 * `level` (0.95: two-sided, of 5 %) says that the ratio is not 1. Of a cell alone, as its interval
 * is: the correction over many cells asks for more.
 *
 * With n0 rounds whose logs scatter by s, as many as
 *
 *     n = s^2 (t(level) + t(power))^2 / log(1 + margin)^2
 *
 * and no fewer than n0 find the margin with that power at least, whatever the true scatter is, t
 * being quantiles of Student's t with n0 - 1 degrees of freedom: C. Stein, "A Two-Sample Test for a
 * Linear Hypothesis Whose Power Is Independent of the Variance", Annals of Mathematical Statistics
 * 16, 1945. It holds where the mean is of all n rounds, and the scatter and its degrees of freedom
 * are those of the first n0, which also is the test and the interval: see `further` in
 * analysis/decide/estimate.h. How few n0 may be: J. Moshman, "A Method for Selecting the Size of
 * the Initial Sample in Stein's Two Sample Procedure", ibid. 29, 1958; with three of them n is
 * twice of what it is with five, with eight three quarters.
 *
 * The least difference that is found is the same turned round, the error times t(level) + t(power):
 * the minimum detectable effect of H. Bloom, "Minimum Detectable Effects", Evaluation Review 19,
 * 1995.
 */
#ifndef ANALYSIS_DECIDE_POWER_H
#define ANALYSIS_DECIDE_POWER_H

#include "analysis/decide/estimate.h"

#define POWER_USUAL 0.95

/* Of a log ratio: 0.03 for 3 %; NaN where nothing is known of its error. */
double power_finds(const struct estimate *estimate, double level, double power);

/*
 * Rounds in all, a whole number, of which `pilot` were made and estimated; infinite where the steps
 * of the clock stand in the way, which rounds do not average away. `pilot` itself where nothing is
 * known of the error.
 */
double power_rounds(const struct estimate *estimate, unsigned pilot, double level, double margin,
                    double power);

/*
 * Of what most of the error is, in one word: "clock" (its steps), "samples" (of one launch: more of
 * them in each may help), "launches" (what differs between those of one round), "rounds" (that, and
 * what changes from round to round, where rounds are not pairs); "" where nothing is known.
 */
const char *power_scatter(const struct estimate *estimate, bool paired);

#endif
