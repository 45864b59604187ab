/* SPDX-License-Identifier: MIT */
/* What a bench-<kernel> says to people beside its rows. */
#ifndef BENCH_SAY_H
#define BENCH_SAY_H

#include "harness/clock.h"
#include "harness/sampler.h"
#include "harness/sev.h"

/* A line on standard error: what was measured, the median, and what it is worth. */
void say_cell(enum accel accel, const struct setup *setup, const struct clock *clock,
              const struct sampler_result *r);

#endif
