/* SPDX-License-Identifier: MIT */
#include "harness/slow.h"

#include "harness/clock.h"

void slow_work(void *slow, unsigned thread, uint64_t iterations)
{
	const struct slow *s = slow;
	uint64_t begin = clock_begin(), took;

	s->work(s->state, thread, iterations);
	took = clock_end() - begin;
	took += (uint64_t)((double)took * s->share);
	while (clock_end() - begin < took)
		;
}
