/* SPDX-License-Identifier: MIT */
/*
 * A slowdown of known size, to see whether a comparison finds it: an empty loop behind the
 * operation, inside of what is timed. For calibration alone: cells that were measured with it carry
 * it in their parameters, so that they can be taken for no others.
 */
#ifndef HARNESS_SLOW_H
#define HARNESS_SLOW_H

#include <stdint.h>

#include "harness/team.h"

struct slow {
	team_work *work;
	void *state;
	double share; /* of the time that `work` takes: 0.03 makes it 3 % slower */
};

/* Do the work of `slow` (a struct slow), then spin for that share of the time it took. */
void slow_work(void *slow, unsigned thread, uint64_t iterations);

#endif
