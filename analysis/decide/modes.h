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

#define MODES_GAP  0.1 /* the upper group is 10 % above the lower */
#define MODES_TOLD 10

struct modes {
	size_t rounds, lower; /* all of them, and those of the lower group */
	double low, high;     /* where the groups are: means of the logs */
	double gap;
};

/* Of logs, which are put in order. false: one group, or too few rounds to tell. */
bool modes_find(double *logs, size_t count, struct modes *modes);

/* With so many rounds the smaller group may be expected to have MODES_TOLD. */
size_t modes_rounds(const struct modes *modes);

#endif
