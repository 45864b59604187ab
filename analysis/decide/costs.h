/* SPDX-License-Identifier: MIT */
/*
 * What an operator asks of a run, computed from its cells: what so many operations take, and how
 * many a second make 1 % of a CPU. The questions are analysis/reference/costs.csv. Nothing is taken
 * from what was emulated, whose times are no cost of hardware, nor from what ran natively.
 */
#ifndef ANALYSIS_DECIDE_COSTS_H
#define ANALYSIS_DECIDE_COSTS_H

#include "analysis/decide/summary.h"

#define COSTS_LEVEL 0.95
#define COSTS_SHARE 0.01 /* of a CPU */

enum costs_state {
	COSTS_KNOWN,
	COSTS_NOT_MEASURED, /* that guest measured others, and not this cell */
	COSTS_EMULATED      /* that guest was emulated */
};

struct costs_row {
	char question[64], unit[16]; /* "CPUIDs that make 1 % of a CPU", "a second" */
	char how[192];
	char kernel[32], variant[32], params[32]; /* of the cell that it is computed from */
	unsigned platform;
	enum costs_state state;
	unsigned rounds;
	double value, low, high; /* in `unit`; low, high NaN: of one round */
};

struct costs {
	struct costs_row *rows; /* in the order of costs.csv, then of the platforms */
	size_t count;
};

/* Of side 0, a row a question and platform whose guests ran. */
int costs_make(const struct summary *summary, struct costs *costs, struct err *e);
void costs_free(struct costs *costs);

#endif
