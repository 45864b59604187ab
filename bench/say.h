/* SPDX-License-Identifier: MIT */
/* What a bench-<kernel> says to people beside its rows. */
#ifndef BENCH_SAY_H
#define BENCH_SAY_H

#include "harness/clock.h"
#include "harness/sampler.h"
#include "harness/sev.h"

/* One series of a cell. NAN and 0 samples where there are none, or no memory to sort them. */
struct say_time {
	double median; /* ns of an iteration */
	double spread; /* half of the samples are within this share of the median */
	unsigned samples;
};

void say_time(const struct sampler_result *r, const struct clock *clock, enum sample_series series,
              struct say_time *time);

/* A line on standard error: what was measured, the median, and what it is worth. */
void say_cell(enum accel accel, const struct setup *setup, const struct clock *clock,
              const struct sampler_result *r);

#endif
