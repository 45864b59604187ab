/* SPDX-License-Identifier: MIT */
/*
 * Sums by round over the cells of a kernel. Cells that were measured in the same launches move
 * together, so that the error of their mean is not that of as many independent ones: with e of cell
 * c in round r its distance from the cell's mean, n_c the cell's rounds and K the cells, the
 * variance of the mean over cells is the sum over rounds of the square of
 *
 *     u_r = sum over c of sqrt(n_c / (n_c - 1)) e_cr / (n_c K)
 *
 * (cluster-robust: K. Liang and S. Zeger, "Longitudinal data analysis using generalized linear
 * models", Biometrika 73, 1986, with the correction for few rounds). Where all cells have all
 * rounds that is s^2 / n of the rounds' means over cells; where no two share one, the sum of the
 * cells' variances over K^2. Of a cell that had further rounds (analysis/decide/estimate.h) those
 * before them, n0, make its error, and
 *
 *     sqrt((n0 - 1) / (n0 - 3)) e_cr / (sqrt((n0 - 1) n_c) K)
 *
 * stands in u_r. As n_c goes with the variance s_c^2 that they show, s_c^2 / n_c is nearly the same
 * for all such cells, and what it stands for is, in the mean over them, larger by the first factor
 * squared, that of an inverse chi-square; one cell alone has Student's t for that. What two cells
 * have in common is overstated then, not understated. A round is what carries the same file,
 * run and number.
 */
#ifndef ANALYSIS_DECIDE_CLUSTERS_H
#define ANALYSIS_DECIDE_CLUSTERS_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/read/samples.h"

struct clusters_round {
	uint32_t source, run, round;
	size_t order; /* in which it came: sums do not depend on how they are sorted */
	double sum;
};

/* All zero is a valid empty set. */
struct clusters {
	struct clusters_round *rounds;
	size_t count, room;
};

/* Add to what the round of `key` has. -ENOMEM. */
int clusters_add(struct clusters *clusters, const struct samples_group_key *key, double value);

/* The same of all rounds of another set, in their order. -ENOMEM. */
int clusters_append(struct clusters *clusters, const struct clusters *more);

/* One entry a round, ordered by it. */
void clusters_fold(struct clusters *clusters);

/* Of sets that are folded: the sum over rounds of the squared sums. */
double clusters_squares(const struct clusters *clusters);

void clusters_free(struct clusters *clusters);

#endif
