/* SPDX-License-Identifier: MIT */
/* The rounds that two cells have in common, and what each of them says. */
#ifndef ANALYSIS_DECIDE_ROUNDS_H
#define ANALYSIS_DECIDE_ROUNDS_H

#include "analysis/decide/estimate.h"
#include "analysis/decide/summary.h"

struct rounds {
	struct estimate_round *a, *b; /* round i of both was one launch; owned */
	size_t count;
};

/* Room for the samples of a round while they are put in order; all zero is a valid one. */
struct rounds_room {
	double *values;
	size_t count;
};

/* Of `row` and `other`, or of `row` alone where other is NULL (then b is a copy of a). */
int rounds_load(const struct samples *samples, const struct summary_row *row,
                const struct summary_row *other, struct rounds *rounds, struct err *e);
void rounds_free(struct rounds *rounds);

/* The measured group of `row` that is the same round as `group`, or NULL. */
const struct samples_group *rounds_partner(const struct samples *samples,
                                           const struct summary_row *row,
                                           const struct samples_group *group);

/* What a group that was measured says. -ENOMEM. */
int rounds_take(const struct samples *samples, const struct samples_group *group,
                struct rounds_room *room, struct estimate_round *round);
void rounds_room_free(struct rounds_room *room);

#endif
