/* SPDX-License-Identifier: MIT */
/*
 * The time stamp counter as a clock. The fences are LFENCE, which AMD processors serialise on under
 * Linux (AMD64 APM volume 3, LFENCE; MSR C001_1029 bit 1) and Intel's always do; CPUID is never
 * used as a fence, because in a guest it is a world switch.
 */
#ifndef HARNESS_CLOCK_H
#define HARNESS_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <x86intrin.h>

#include "harness/cpu.h"
#include "harness/err.h"

/*
 * Everything before is done, nothing after has begun. Both ends of what is timed are read alike,
 * and without RDTSCP: some hypervisors do not offer it, and then show another machine's TSC_AUX,
 * while LFENCE and RDTSC are the same on every host and in every guest.
 */
static inline uint64_t clock_begin(void)
{
	uint64_t t;

	_mm_lfence();
	t = __rdtsc();
	_mm_lfence();
	return t;
}

static inline uint64_t clock_end(void)
{
	return clock_begin();
}

struct clock {
	double hz;         /* ticks a second, measured against CLOCK_MONOTONIC_RAW */
	double error;      /* bound of the relative error of hz, from how long the readings took */
	double nominal_hz; /* what CPUID says; 0 where it says nothing */
	uint64_t step;     /* the counter moves in steps of this many ticks (1 to ~40) */
	uint64_t overhead; /* median of an empty clock_begin/clock_end pair, in ticks */
	bool invariant;    /* CPUID 0x80000007 EDX bit 8 */
	char source[32]; /* Linux's current_clocksource; "" where it cannot be read, or is none yet
	                  */
};

/* The counter and CLOCK_MONOTONIC_RAW at one moment. */
struct clock_instant {
	uint64_t ticks; /* the middle of the two readings around the other clock's */
	uint64_t width; /* their distance: the moment is known to half of it; 0: none was taken */
	int64_t ns;
};

/* The moment from which the frequency is measured. */
struct clock_instant clock_now(void);

/*
 * Measure the clock, on the CPU of the moment: over at least 25 ms since `first`, what is left of
 * them busily waited for. A program that takes it at its start, and works in between, waits the
 * less. Fails with -ERANGE when nominal and measured frequency differ by more than 1 %: then ticks
 * are no time.
 */
int clock_init(struct clock *clock, const struct clock_instant *first, struct err *e);

/*
 * The frequency that CPUID states, in Hz, or 0. Leaf 0x15 (crystal and ratio, Intel SDM volume 2);
 * in a guest leaf 0x40000010 (EAX: kHz), VMware's convention that KVM follows. Leaf 0x16 is no
 * source: its base frequency is the core's.
 */
double clock_nominal(const struct cpu_source *cpu);

/*
 * The step in a series of readings taken back to back. Where two in a row are equal the counter is
 * slower than the reading, and the smallest other distance is one step (also when a hypervisor
 * scales the counter, which blurs the multiples); otherwise the greatest common divisor of all
 * distances. A reading one tick after another is none of a step: AMD processors make unfenced
 * readings of one step unique in that way (seen on an EPYC 9004: 26, 1, 25, 26). At least 1.
 */
uint64_t clock_step(const uint64_t *readings, size_t count);

/* 0, or -ERANGE and a sentence when the two differ by more than 1 %. A nominal of 0 is no opinion.
 */
int clock_compare(double nominal_hz, double hz, struct err *e);

static inline double clock_ns(const struct clock *clock, uint64_t ticks)
{
	return (double)ticks * 1e9 / clock->hz;
}

#endif
