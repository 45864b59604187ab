/* SPDX-License-Identifier: MIT */
/*
 * The same samples under two names. A copy of a run, whole or in part, under another name or in
 * another file would pass for more rounds, or for results of now that are those of before.
 *
 * Copied are rounds of one cell on one platform that have the same times, in the same order or in
 * another. Short series that a coarse clock reads may be so by accident: what is the same counts by
 * its bits, the number of samples times the logarithm of how many values were as likely (by the
 * collision entropy of the series), less those of the order where that is another. A series below
 * COPIES_SERIES bits does not count, and runs are copies from COPIES_RUNS bits on. By accident that
 * comes once in 2^COPIES_RUNS pairs.
 */
#ifndef ANALYSIS_READ_COPIES_H
#define ANALYSIS_READ_COPIES_H

#include "analysis/read/samples.h"

#define COPIES_SERIES 16.0
#define COPIES_RUNS   40.0

/* Of samples that are sorted. -EINVAL with both runs and files, -ENOMEM. */
int copies_check(const struct samples *samples, struct err *e);

#endif
