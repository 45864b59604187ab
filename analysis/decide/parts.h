/* SPDX-License-Identifier: MIT */
/*
 * What a world switch is made of, in nanoseconds with intervals: the exit, #VC, the trip to QEMU,
 * user mode against ring 0, the decoding of an MMIO instruction. Each is the time of an operation,
 * or the difference of two: analysis/reference/parts.csv says which, and analysis/decide/switches.h
 * where an operation goes on a platform, so that it is data which operation shows what in which
 * mode.
 */
#ifndef ANALYSIS_DECIDE_PARTS_H
#define ANALYSIS_DECIDE_PARTS_H

#include "analysis/decide/modes.h"
#include "analysis/decide/summary.h"

#define PARTS_LEVEL 0.95

#define PARTS_NOTE 320

/* NaN where the cells do not give it; and its interval: NaN where rounds do not tell of it. */
struct parts_time {
	double ns, low, high;
};

struct parts_row {
	char part[32];                        /* "VMEXIT and back" */
	char what[160];                       /* "CPUID that the hypervisor answers in ring 0" */
	const struct summary_row *row, *less; /* less: NULL where it is a time, no difference */
	unsigned rounds;                      /* that both have */
	struct parts_time time;
	/* What stands against it, or "": a cell that failed, is not resolved, or did not leave the
	 * guest as the table says, so that there is no time; failed rounds, one round, or several
	 * modes, so that it has no interval; a part that is less than nothing. */
	char note[PARTS_NOTE];
};

struct parts {
	const struct summary *summary;
	struct parts_row *rows; /* in the order of parts.csv, then of the platforms */
	size_t count;
};

/*
 * All parts that side 0 of `summary` shows, of cells that were measured or failed. Nothing of what
 * ran natively or under TCG.
 */
int parts_make(const struct summary *summary, struct parts *parts, struct err *e);
void parts_free(struct parts *parts);

/*
 * The part of that name on a platform that is nearest to an operation: computed from it, else from
 * another of its kernel, else from another in its ring. NULL: none of these was measured.
 */
const struct parts_row *parts_find(const struct parts *parts, const char *part, unsigned platform,
                                   const char *kernel, const char *variant);

#endif
