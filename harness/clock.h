/* SPDX-License-Identifier: MIT */
/*
 * The time stamp counter as a clock. The fences are LFENCE, which AMD processors serialise on under
 * Linux (AMD64 APM volume 3, LFENCE; MSR C001_1029 bit 1) and Intel's always do; CPUID is never
 * used as a fence, because in a guest it is a world switch.
 */
#ifndef HARNESS_CLOCK_H
#define HARNESS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <x86intrin.h>

#include "harness/err.h"

/* Everything before is done, nothing after has begun. */
static inline uint64_t clock_begin(void)
{
	uint64_t t;

	_mm_lfence();
	t = __rdtsc();
	_mm_lfence();
	return t;
}

/*
 * RDTSCP waits for what is before it; the fence keeps what comes after from starting early. *aux is
 * TSC_AUX of the same moment, where Linux keeps the CPU's number (bits 0 to 11) and node.
 */
static inline uint64_t clock_end_on(unsigned *aux)
{
	uint64_t t = __rdtscp(aux);

	_mm_lfence();
	return t;
}

static inline uint64_t clock_end(void)
{
	unsigned aux;

	return clock_end_on(&aux);
}

struct clock {
	double hz;         /* ticks a second, measured against CLOCK_MONOTONIC_RAW */
	double nominal_hz; /* what CPUID or the kernel says; 0 where they say nothing */
	uint64_t step;     /* smallest distance of two different readings, in ticks (1 to ~30) */
	uint64_t overhead; /* median of an empty clock_begin/clock_end pair, in ticks */
	bool invariant;    /* CPUID 0x80000007 EDX bit 8 */
	char source[32];   /* Linux's current_clocksource; "" where it cannot be read */
};

/*
 * Measure the clock (about 25 ms). Fails with -ENOTSUP when the processor has no RDTSCP, with
 * -ERANGE when nominal and measured frequency differ by more than 1 %: then ticks are no time.
 */
int clock_init(struct clock *clock, struct err *e);

static inline double clock_ns(const struct clock *clock, uint64_t ticks)
{
	return (double)ticks * 1e9 / clock->hz;
}

#endif
