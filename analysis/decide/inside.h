/* SPDX-License-Identifier: MIT */
/*
 * Encryption measured inside one guest: memory that is private against memory that is shared, in
 * the same launch, with the same code on the same kind of pages (--backing twin against shared; or
 * private where there is no twin). In a plain guest the two must come out equal: that is the
 * control of the method.
 */
#ifndef ANALYSIS_DECIDE_INSIDE_H
#define ANALYSIS_DECIDE_INSIDE_H

#include "analysis/decide/compare.h"

struct inside_row {
	const struct summary_row *private, *shared;
	bool control;             /* it is known that nothing is encrypted on this platform */
	bool emulated;            /* it would be encrypted on hardware, and is not here */
	unsigned rounds;          /* that both have */
	double ratio, low, high;  /* of times, private to shared; NaN as in compare_cell */
	double p, q;              /* the same; corrected over the rows that are judged by it */
	struct modes_found modes; /* as in compare_cell; A is the shared memory */
};

struct inside {
	const struct summary *summary;
	double margin;
	struct inside_row *rows;
	size_t count;
};

int inside_make(const struct summary *summary, const struct compare_options *options,
                struct inside *inside, struct err *e);
void inside_free(struct inside *inside);

/*
 * "equal" and "same", of a control and of encrypted memory: the interval is within the margin.
 * Where it is not and q is at most 5 %: "slower" and "faster", and "DIFFERS" of a control whose
 * ratio is beyond the margin. "undecided" otherwise; "none" where it would be encrypted on hardware
 * and is emulated.
 */
const char *inside_verdict(const struct inside *inside, const struct inside_row *row);

#define INSIDE_NOTE (MODES_TEXT + 96)

/* Why a row has no ratio or no interval; "" where it has both. Returns `text`. */
const char *inside_note(const struct inside *inside, const struct inside_row *row,
                        char text[INSIDE_NOTE]);

#endif
