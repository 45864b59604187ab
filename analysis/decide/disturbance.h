/* SPDX-License-Identifier: MIT */
/*
 * What can have moved a figure: of the disturbances of a row (steal_ns, involuntary, migrations)
 * those that are large against its samples. All of them are in summary.csv.
 *
 * A context switch or migration makes at most one sample longer, by nobody knows how much. The
 * worst is that every one hit another sample and each of these became longer than all the rest.
 * Then a quantile q of n samples, k of them hit, is that of the others at which
 * ((1 - q) n - k) / (n - k) of them are longer. It matters from where that is half as many as
 * without, 1 - q: from one in (1 + q) / (1 - q) on. The median is then the upper quartile of the
 * samples that were not hit, and has moved by the MAD that stands beside it; p99 is their p99.5.
 *
 * Stolen time may be spread evenly over the samples: then it lengthens the median by its share of
 * the time sampled. Within 1 % times are the same (COMPARE_DEFAULTS). It is a sum over the CPUs of
 * the cell, counted in ticks of 10 ms, around the samples too: it can be more than the time
 * sampled.
 */
#ifndef ANALYSIS_DECIDE_DISTURBANCE_H
#define ANALYSIS_DECIDE_DISTURBANCE_H

#include "analysis/decide/summary_row.h"

#define DISTURBANCE_STOLEN 0.01 /* of the time sampled */

/* For legends: what follows from both for the figures that are shown. */
#define DISTURBANCE_RULE                                                                           \
	"involuntary context switches (i) or migrations (m) in a third of the samples (6i/12; "    \
	"p99: in 1 of 200, p99.9: in 1 of 2000), or 1 % of the time sampled stolen from the "      \
	"CPUs; less is in summary.csv"

#define DISTURBANCE_TEXT 128

/*
 * What can have moved `figure` (SUMMARY_P50: the median) and not yet the one before it that is
 * shown, of the median, p99 and p99.9: "30.0 ms/1.20 s stolen 6i/12 5m/12". "" for nothing, or
 * nothing known, and for a percentile that is not shown.
 */
const char *disturbance_text(const struct summary_row *row, enum summary_tail figure,
                             char text[DISTURBANCE_TEXT]);

#endif
