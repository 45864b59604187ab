/* SPDX-License-Identifier: MIT */
/*
 * A run in two stages: pilot rounds show how each cell scatters, and from that follows how many
 * rounds it gets in all, so that a margin is found with a power (analysis/decide/power.h). It is
 * settled before the rounds that judge, by the pilot alone.
 *
 * What a cell is compared with follows `sevbench compare`: the reference gets as many rounds as the
 * cell of it that needs most. Of one platform alone, rounds are such as find the margin between it
 * and another run that is like it. What was emulated gets none: no verdict is passed on it.
 */
#ifndef BENCH_RUN_DESIGN_H
#define BENCH_RUN_DESIGN_H

#include <jansson.h>

#include "analysis/decide/estimate.h"
#include "analysis/read/samples.h"
#include "bench/select/suite.h"

#define DESIGN_PILOT ESTIMATE_BELIEVED
#define DESIGN_MOST  100 /* rounds, unless the command line says how many */

struct design {
	double margin;    /* 0.03: 3 %; 0: rounds are as many for every cell */
	double power;     /* 0.95 */
	unsigned most;    /* rounds of a cell */
	unsigned *rounds; /* owned: in all, by target and cell; NULL: not settled yet */
	size_t cells;
};

/* Rounds of that cell; those of the pilot as long as no more is settled. */
unsigned design_rounds(const struct design *design, unsigned target, size_t cell);

/* The most of any. */
unsigned design_last(const struct design *design);

/*
 * Settle design->rounds by the pilot's samples, which are put in order. `shorts` gets an object for
 * every cell that `most` rounds do not bring to the margin: platform, cell, rounds that would, or
 * null, and why. -ENOMEM.
 */
int design_settle(struct design *design, const struct suite *suite, struct samples *samples,
                  json_t *shorts, struct err *e);

/* What was settled, of the cells that get more than the pilot; and read again. -EINVAL when it is
 * of another suite. */
json_t *design_further(const struct design *design, const struct suite *suite);
int design_read(struct design *design, const struct suite *suite, const json_t *further,
                struct err *e);

void design_free(struct design *design);

#endif
