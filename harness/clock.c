/* SPDX-License-Identifier: MIT */
#include "harness/clock.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MEASURE_NS 25000000 /* with readings of 100 ns at both ends, known to 8 ppm */
#define TRIES      32       /* of one reading of both clocks; the tightest counts */
#define READINGS   2000     /* for the step */
#define PAIRS      1001     /* for the overhead; odd, so that the median is one of them */
#define TOLERANCE  0.01

static int64_t raw_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The tightest of some readings of both clocks. */
struct clock_instant clock_now(void)
{
	struct clock_instant best = {.width = UINT64_MAX};

	for (int i = 0; i < TRIES; i++) {
		uint64_t before = clock_begin();
		int64_t ns = raw_ns();
		uint64_t after = clock_end();

		if (after - before < best.width)
			best = (struct clock_instant){
			        .ticks = before + (after - before) / 2,
			        .width = after - before,
			        .ns = ns,
			};
	}
	return best;
}

/* Busy all the time: a counter that stops or slows down when idle would be measured wrong. */
static void measure_frequency(struct clock *clock, const struct clock_instant *first)
{
	struct clock_instant last;
	double ticks;

	while (raw_ns() - first->ns < MEASURE_NS)
		_mm_pause();
	last = clock_now();
	ticks = (double)(last.ticks - first->ticks);
	clock->hz = ticks * 1e9 / (double)(last.ns - first->ns);
	clock->error = ((double)first->width + (double)last.width) / 2 / ticks;
}

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t measure_overhead(void)
{
	uint64_t pairs[PAIRS];

	for (int i = 0; i < PAIRS; i++) {
		uint64_t begin = clock_begin();

		pairs[i] = clock_end() - begin;
	}
	qsort(pairs, PAIRS, sizeof(pairs[0]), compare_numbers);
	return pairs[PAIRS / 2];
}

/* Pauses of changing length vary the distances of readings. */
static void pause_some(int i)
{
	if (i % 8 == 7) {
		for (int j = 0; j < i / 8 % 13; j++)
			__asm__ volatile("" ::: "memory");
	}
}

static uint64_t measure_step(void)
{
	uint64_t readings[READINGS];
	bool equal = false;

	/* Unfenced, as close together as they come: a slow counter shows the same twice. */
	for (int i = 0; i < READINGS; i++) {
		readings[i] = __rdtsc();
		equal = equal || (i && readings[i] == readings[i - 1]);
		pause_some(i);
	}
	/* Others make such readings unique, and do not touch those between fences. */
	for (int i = 0; !equal && i < READINGS; i++) {
		readings[i] = clock_begin();
		pause_some(i);
	}
	return clock_step(readings, READINGS);
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

uint64_t clock_step(const uint64_t *readings, size_t count)
{
	uint64_t smallest = UINT64_MAX;
	uint64_t divisor = 0, last = count ? readings[0] : 0;
	bool equal = false;

	for (size_t i = 1; i < count; i++) {
		uint64_t distance = readings[i] - readings[i - 1];

		equal = equal || distance == 0;
		if (distance <= 1)
			continue;
		divisor = common_divisor(divisor, readings[i] - last);
		if (distance < smallest)
			smallest = distance;
		last = readings[i];
	}
	if (divisor == 0)
		return 1;
	return equal ? smallest : divisor;
}

double clock_nominal(const struct cpu_source *cpu)
{
	uint32_t regs[4];

	if (cpu_id_at(cpu, 0x15, 0, regs) && regs[CPU_EAX] && regs[CPU_EBX] && regs[CPU_ECX])
		return (double)regs[CPU_ECX] * regs[CPU_EBX] / regs[CPU_EAX];
	if (cpu_id_at(cpu, 0x40000010, 0, regs))
		return regs[CPU_EAX] * 1e3;
	return 0;
}

int clock_compare(double nominal_hz, double hz, struct err *e)
{
	if (!isfinite(hz) || hz <= 0)
		return err_set(e, ERANGE, "the time stamp counter does not advance");
	if (nominal_hz <= 0 || fabs(hz / nominal_hz - 1) <= TOLERANCE)
		return 0;
	return err_set(
	        e, ERANGE,
	        "the time stamp counter runs at %.1f MHz by CLOCK_MONOTONIC_RAW, but CPUID says "
	        "%.1f MHz: its ticks are no time here",
	        hz / 1e6, nominal_hz / 1e6);
}

static void read_source(char source[32])
{
	FILE *f = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");

	source[0] = '\0';
	if (!f)
		return;
	if (fgets(source, 32, f))
		source[strcspn(source, "\n")] = '\0';
	fclose(f);
	if (!strcmp(source, "tsc-early")) /* what Linux makes do with until it has settled on one */
		source[0] = '\0';
}

int clock_init(struct clock *clock, const struct clock_instant *first, struct err *e)
{
	memset(clock, 0, sizeof(*clock));
	measure_frequency(clock, first);
	clock->nominal_hz = clock_nominal(&cpu_here);
	clock->step = measure_step();
	clock->overhead = measure_overhead();
	clock->invariant = cpu_has(CPU_INVARIANT_TSC);
	read_source(clock->source);
	return clock_compare(clock->nominal_hz, clock->hz, e);
}
