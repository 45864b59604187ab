/* SPDX-License-Identifier: MIT */
/* A point in time to wait for at most (CLOCK_MONOTONIC). */
#ifndef VMRUN_SYSTEM_DEADLINE_H
#define VMRUN_SYSTEM_DEADLINE_H

#include <limits.h>
#include <math.h>
#include <time.h>

struct deadline {
	double at; /* seconds of CLOCK_MONOTONIC; INFINITY: never */
};

static inline double deadline_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline struct deadline deadline_in(double seconds)
{
	return (struct deadline){.at = deadline_now() + seconds};
}

static inline struct deadline deadline_never(void)
{
	return (struct deadline){.at = INFINITY};
}

static inline struct deadline deadline_first(struct deadline a, struct deadline b)
{
	return a.at < b.at ? a : b;
}

/* Seconds left, 0 when it has passed. */
static inline double deadline_left(const struct deadline *d)
{
	double left = d->at - deadline_now();

	return left > 0 ? left : 0;
}

/* The same for poll(): rounded up, -1 for never. */
static inline int deadline_left_ms(const struct deadline *d)
{
	double left = deadline_left(d);

	if (isinf(left))
		return -1;
	return left * 1e3 + 1 < (double)INT_MAX ? (int)ceil(left * 1e3) : INT_MAX;
}

#endif
