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
	bool control;            /* it is known that nothing is encrypted on this platform */
	unsigned rounds;         /* that both have */
	double ratio, low, high; /* of times, private to shared; NaN as in compare_cell */
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
 * "equal" and "DIFFERS" for a control: it differs when its interval lies outside of 1 and further
 * from it than the margin; "slower", "same", "faster" for encrypted memory, "undecided" for either;
 * "none" where it would be encrypted on hardware and is emulated.
 */
const char *inside_verdict(const struct inside *inside, const struct inside_row *row);

#endif
