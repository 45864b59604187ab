/* SPDX-License-Identifier: MIT */
/* What is compared with what: the cells, and the kernels that they are of. */
#ifndef ANALYSIS_DECIDE_COMPARE_CELLS_H
#define ANALYSIS_DECIDE_COMPARE_CELLS_H

#include "analysis/decide/modes.h"
#include "analysis/decide/summary.h"
#include "analysis/read/intern.h"

#define COMPARE_LEVEL 0.95 /* of the intervals; 1 - this: the rate of false discoveries */

/*
 * In this order of precedence. SAME: the interval lies within [1 / (1 + margin), 1 + margin].
 * SLOWER, FASTER: the ratio differs from 1 with a q-value of at most 5 %. UNDECIDED: neither. NONE:
 * one of the two was emulated (TCG), whose times are no cost of anything: none is passed.
 */
enum compare_verdict {
	COMPARE_SAME,
	COMPARE_SLOWER,
	COMPARE_FASTER,
	COMPARE_UNDECIDED,
	COMPARE_NONE,
	COMPARE_VERDICT_COUNT
};

struct compare_options {
	int reference; /* enum platform, or -1: summary_reference(). Not looked at with `sides` */
	bool sides;    /* side 0 against side 1, each platform with itself */
	double margin; /* 0.01: within 1 % is the same */
	unsigned threads; /* changes nothing but the time it takes */
};

#define COMPARE_DEFAULTS ((struct compare_options){.reference = -1, .margin = 0.01, .threads = 1})

struct compare_cell {
	const struct summary_row *row, *reference;
	size_t kernel;                     /* index in compare.kernels */
	unsigned rounds, reference_rounds; /* that were used */
	bool paired;                       /* the same rounds on both */
	unsigned runs, reference_runs; /* with sides, one of which has several: the unit; else 0 */
	double ratio;                  /* of times; NaN where it cannot be told */
	double low, high;              /* its interval; NaN where rounds do not tell of any */
	double error, freedom;         /* standard error of the log of the ratio, and its degrees of
	                                * freedom; NaN as the interval */
	double samples_share; /* of the error squared, more samples could take away; NaN as above */
	double clock; /* of the error, the part that the steps of the clock make; NaN as above */
	double finds; /* the least difference that is found with POWER_USUAL: 0.03 for 3 % */
	const char *scatter;      /* what limits it: power_scatter(); "" as above */
	unsigned unresolved[2];   /* rounds of the reference, and of the row, that take no longer
	                           * than the empty loop */
	struct modes_found modes; /* `of` some: there is no interval, and an error, a p-value and
	                           * a verdict only of sides that are apart. A is the reference */
	double p, q; /* q: after the correction over all cells that are not the same; else NaN */
	enum compare_verdict verdict;
	const char *note; /* why there is no ratio or no interval; "" when there is */
};

/* The cells of one kernel on one platform together. */
struct compare_kernel {
	uint32_t kernel; /* id in samples->text */
	unsigned platform;
	enum accel accel;
	size_t verdicts[COMPARE_VERDICT_COUNT];
	size_t cells;            /* with a ratio */
	double ratio, low, high; /* geometric mean over them; NaN as above */
	const char *note; /* why no cell has a ratio, by the first of them; "" when one has */
};

struct compare {
	const struct summary *summary;
	struct compare_options options;
	int reference;              /* enum platform; -1 with sides */
	struct compare_cell *cells; /* by cell, platform, accel */
	size_t cell_count;
	struct compare_kernel *kernels;
	size_t kernel_count;
	struct intern notes; /* what notes of cells and kernels point to */
	size_t lost;         /* with sides: cells that side 1 measured and side 0 did not */
};

/*
 * List every measured row of side 0 that is not its own reference, and the kernels, in
 * compare->cells and kernels: with a reference or a note why there is none, all else not known.
 * -ENOMEM.
 */
int compare_cells_list(struct compare *compare, struct err *e);

/* Keep a text as the note of a cell. -ENOMEM. */
int compare_cells_note(struct compare *compare, const char *text, const char **note, struct err *e);

#endif
