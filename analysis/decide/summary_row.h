/* SPDX-License-Identifier: MIT */
/*
 * What one cell comes to on one platform.
 *
 * Its time is the median of its rounds' medians, so that a round weighs the same however many
 * samples it has. A round's median is taken after the median of the baseline series of the same
 * process (the same loop without the operation) was subtracted from copies of its samples; the
 * median without that subtraction stands beside it. Rounds that failed verification count as
 * failed, and their samples are not used.
 */
#ifndef ANALYSIS_DECIDE_SUMMARY_ROW_H
#define ANALYSIS_DECIDE_SUMMARY_ROW_H

#include "analysis/read/samples.h"
#include "harness/counters.h"

/* Percentiles need at least this many samples beyond them to be more than one accident. */
#define SUMMARY_TAIL_SAMPLES 10

/* So many rounds that are not as they must be are told by their numbers. */
#define SUMMARY_WRONG_LISTED 4

enum summary_tail { SUMMARY_P50, SUMMARY_P90, SUMMARY_P99, SUMMARY_P999, SUMMARY_TAIL_COUNT };

enum summary_rate {
	SUMMARY_READ,
	SUMMARY_WRITTEN,
	SUMMARY_STREAM,   /* read + written: the convention of STREAM */
	SUMMARY_ALLOCATE, /* read + written + the assumed write-allocate */
	SUMMARY_RATE_COUNT
};

/* Times are nanoseconds an iteration. NaN: not known. */
struct summary_row {
	uint32_t cell; /* index in samples->cells */
	unsigned platform;
	enum accel accel;
	unsigned side;
	size_t first_group, group_count; /* in samples->groups */

	uint32_t rounds;          /* measured */
	uint32_t loops;           /* of them, those with a baseline */
	uint32_t skipped, failed; /* rounds without a result */
	uint32_t reason;   /* text id: of the first round that failed, else that was skipped */
	uint64_t samples;  /* of the op series, over the measured rounds */
	double sampled_ns; /* all of them together, as measured */
	double batch;      /* iterations of a sample; median over rounds; 1: timed alone */

	double median_ns;     /* NaN: nothing measured, or no more than the loop itself takes */
	double raw_median_ns; /* nothing subtracted */
	double baseline_ns;   /* median over rounds; NaN where there is no baseline */
	double mad_ns;        /* of all samples, around median_ns; not scaled */
	double round_min_ns, round_max_ns;  /* of the rounds' medians */
	double tail_ns[SUMMARY_TAIL_COUNT]; /* single-shot cells, of all samples */
	double step_ns; /* the counter's steps, the widest of the rounds': no reading is finer */

	double rate[SUMMARY_RATE_COUNT]; /* bytes of an iteration / median_ns, = GB/s (10^9 bytes)
	                                  */
	double counts[COUNTER_EVENT_COUNT]; /* of an iteration; median over rounds */

	double exits[SAMPLES_EXITS_COUNT]; /* of an operation; median over rounds; so is ... */
	double sev[SAMPLES_SEV_COUNT];     /* ... what an emulated SEV processor counted */
	/* NaN: not known (analysis/decide/exit_check.h) */
	double exits_expected, vc_expected, vmgexit_expected, pvalidate_expected;
	/* Rounds in which exits, or #VC and VMGEXIT, were counted where a number is expected; and
	 * of these, those in which they are not as many. */
	unsigned exits_checked, exits_wrong;
	uint32_t exits_wrong_in[SUMMARY_WRONG_LISTED]; /* the first of them: their numbers */
	/* Of the first: KVM's exits, those for interrupts left out, and sev; NaN: not counted. */
	double wrong_exits, wrong_sev[SAMPLES_SEV_COUNT];

	double best_ns;                       /* the shortest sample, as STREAM counts */
	double worst_ns;                      /* the longest of a single-shot cell */
	double best_rate[SUMMARY_RATE_COUNT]; /* GB/s of best_ns */
	double percent, best_percent;         /* of summary.peak; NaN: not known, or caches */
	double steal_ns;                      /* what disturbed the measured rounds, summed; */
	double involuntary, migrations;       /* NaN where a round does not say */
};

/* "p50" ... "p99.9" and "read" ... for headings. */
const char *summary_row_tail_name(enum summary_tail tail);
const char *summary_row_rate_name(enum summary_rate rate);

/*
 * The row of the `count` groups from `first`, which are the rounds of one cell on one platform and
 * side. All but what exit_check() adds. -ENOMEM.
 */
int summary_row_make(const struct samples *samples, size_t first, size_t count,
                     struct summary_row *row, struct err *e);

/* Was the empty loop taken off in some rounds of two rows, and in others not? */
bool summary_row_loops_apart(const struct summary_row *a, const struct summary_row *b);

/* "ok", "failed" or "skipped": a row with a measured round is ok. */
const char *summary_row_status(const struct summary_row *row);

/*
 * The round of `group` on copies: its samples less its baseline's median, ascending, in `values`,
 * which has room for the longer of the two series. *loop is that median (NaN: no baseline). Returns
 * how many there are; 0 when the round did not succeed.
 */
size_t summary_row_round(const struct samples_group *group, double *values, double *loop);

#endif
