/* SPDX-License-Identifier: MIT */
/*
 * What neighbours cost: several guests that measured the same cells at the same moment, each on
 * CPUs of its own, beside one of them alone; and whether they cost more where memory is encrypted.
 * Guest g is side g of the samples, alone is side NEIGHBOURS_ALONE (analysis/read/samples.h).
 *
 * A ratio is the geometric mean of the rounds' ratios, as everywhere (analysis/decide/estimate.h):
 * rates of one round are divided by one another, and what drifts from round to round cancels. The
 * interval is Student's t on the scatter of the rounds, and there is none where launches are of
 * several modes.
 */
#ifndef ANALYSIS_DECIDE_NEIGHBOURS_H
#define ANALYSIS_DECIDE_NEIGHBOURS_H

#include "analysis/decide/modes.h"
#include "analysis/decide/summary.h"

#define NEIGHBOURS_ALONE 0xffffU
#define NEIGHBOURS_MAX   64   /* guests */
#define NEIGHBOURS_LEVEL 0.95 /* of the intervals */

/* NaN: not known; the interval where rounds do not tell of it. */
struct neighbours_ratio {
	double value, low, high;
	struct modes_found modes; /* `of` some: no interval. B by A, of logs of rates */
};

/* One guest, or all together, in one cell. */
struct neighbours_share {
	double rate; /* median over rounds: GB/s read and written, else millions a second */
	struct neighbours_ratio of_alone; /* the rate by that of one guest alone */
};

/* What a round says of all guests together: the log of their rate by that of one alone. */
struct neighbours_round {
	uint32_t round;
	double log;
};

struct neighbours_row {
	const struct summary_row *first; /* of guest 0 */
	unsigned rounds;                 /* in which every guest measured the cell */
	unsigned rounds_alone;           /* of them, those in which one alone did too */
	double alone;                    /* its rate */
	struct neighbours_share *share;  /* of each guest, then of all; owned */
	struct neighbours_round *round;  /* those with one alone; owned */
	/* What all have by what as many guests would have that cost one another nothing. */
	struct neighbours_ratio kept;
	/* `kept` by that of the plain guest, in the rounds that both have, where this one is
	 * encrypted and has the same accelerator: below 1, neighbours cost more. */
	struct neighbours_ratio to_nosev;
	unsigned rounds_nosev;
};

struct neighbours {
	const struct summary *summary;
	unsigned guests;
	struct neighbours_row *rows; /* cells that all guests measured in at least one same round */
	size_t count;
	size_t apart; /* the other cells of guest 0 */
};

/*
 * Of a summary that has the sides 0 to guests - 1 (at most NEIGHBOURS_MAX), and NEIGHBOURS_ALONE or
 * not. A round of several files is the same one where its number is. -ENOMEM.
 */
int neighbours_make(const struct summary *summary, unsigned guests, struct neighbours *neighbours,
                    struct err *e);
void neighbours_free(struct neighbours *neighbours);

#endif
