/* SPDX-License-Identifier: MIT */
/*
 * Do rounds fall into two groups? Some launches take half as long again, or five times as long, as
 * the others: another alignment, another path. Of a few rounds the mean of such launches has no
 * interval that is one: with one launch in ten five times slower Student's t at 5 rounds holds the
 * truth in less than half of the cells.
 *
 * Two groups are what is left of the widest gap between rounds in order, and what is right of it,
 * where the gap is above MODES_GAP and so many times the scatter within the two (the root of their
 * pooled variance): 120 times of three rounds, 22 times of four, 13 times of five or more. By
 * simulation of 20,000 sets of rounds each, one in 50 looks like that by accident where launches
 * scatter normally, by a uniform distribution or by Student's t with 3 degrees of freedom, one in
 * 20 where by an exponential one; and only if they scatter by so much that a gap is above
 * MODES_GAP. From MODES_TOLD rounds in the smaller group on the mean is known well enough.
 *
 * What cannot be seen is a mode that no round shows, and of two rounds any.
 */
#ifndef ANALYSIS_DECIDE_MODES_H
#define ANALYSIS_DECIDE_MODES_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/decide/estimate.h"

#define MODES_GAP  0.1 /* the upper group is 10 % above the lower */
#define MODES_TOLD 10

struct modes {
	size_t rounds, lower; /* all of them, and those of the lower group */
	double low, high;     /* where the groups are: means of the logs */
	double gap;
};

/* Whose rounds fall into groups, where two sides are set against each other. */
enum modes_of { MODES_NONE, MODES_OF_A, MODES_OF_B, MODES_OF_BOTH };

struct modes_found {
	struct modes modes;
	enum modes_of of; /* BOTH: what is made of both, round by round */
	bool apart;       /* every round of one side lies beyond every round of the other */
};

/* Of logs, which are put in order. false: one group, or too few rounds to tell. */
bool modes_find(double *logs, size_t count, struct modes *modes);

/*
 * Of what the ratio b / a is a mean of: the rounds of either side, and where they are pairs their
 * ratios. Pairs that change together do not count: their ratios stay within half of the gap. All
 * rounds are resolved, at least one on either side; `logs` has room for the longer side.
 *
 * Sides that are apart differ, however often each mode comes, so that Student's t may judge them
 * all the same; there is no interval of how much. By simulation of sides that do not differ, with
 * one launch in ten, three or two slower by 15 %, half or five times, at 3 to 10 rounds: rounds
 * that have modes, are apart and have a p-value below 0.05 are fewer than one in 200.
 */
struct modes_found modes_of_ratio(const struct estimate_round *a, size_t a_count,
                                  const struct estimate_round *b, size_t b_count, bool paired,
                                  double *logs);

/*
 * Of what the difference a - b is a mean of, or a alone without b: the same rounds of both. A mode
 * of one side counts where its gap is above MODES_GAP of the difference, and the differences do
 * not stay within half of it. `logs` has room for `count`.
 */
struct modes_found modes_of_difference(const struct estimate_round *a,
                                       const struct estimate_round *b, size_t count, double *logs);

#define MODES_TEXT 192

/*
 * "several modes: 3 of 5 rounds of snp near 98.1 ns, the others near 502 ns; 25 rounds would tell
 * how often each comes". `whose` is " of snp" or "", `unit` " ns" or "". Returns `text`.
 */
const char *modes_text(const struct modes_found *found, const char *whose, const char *unit,
                       char text[MODES_TEXT]);

/* With so many rounds the smaller group may be expected to have MODES_TOLD. */
size_t modes_rounds(const struct modes *modes);

#endif
