/* SPDX-License-Identifier: MIT */
/* The rounds that two cells have in common, ready for the bootstrap. */
#ifndef ANALYSIS_DECIDE_ROUNDS_H
#define ANALYSIS_DECIDE_ROUNDS_H

#include "analysis/decide/bootstrap.h"
#include "analysis/decide/summary.h"

struct rounds {
	struct bootstrap_round *a,
	        *b; /* round i of both was one launch; owned, with their values */
	size_t count;
};

/* Of `row` and `other`, or of `row` alone where other is NULL (then b is a copy of a). */
int rounds_load(const struct samples *samples, const struct summary_row *row,
                const struct summary_row *other, struct rounds *rounds, struct err *e);
void rounds_free(struct rounds *rounds);

#endif
