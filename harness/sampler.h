/* SPDX-License-Identifier: MIT */
/*
 * How a cell is measured: warm-up, a batch size fixed before the first sample, a baseline series
 * beside the operation's, and a fixed number of samples. There is no "run until it looks stable".
 */
#ifndef HARNESS_SAMPLER_H
#define HARNESS_SAMPLER_H

#include "harness/clock.h"
#include "harness/counters.h"
#include "harness/kernel.h"

/* A batch lasts at least this many steps of the clock, so that the step is at most 0.1 % of it. */
#define SAMPLER_MIN_STEPS 1000
/* What is timed alone on request lasts at least this many, so that the step is at most 5 % of it:
 * a CPUID that leaves the guest does where the clock steps by 27 cycles, a system call does not. */
#define SAMPLER_SINGLE_STEPS 20

struct sampler_plan {
	unsigned samples; /* op samples (batches); of a single-shot kernel at most its capacity */
	double batch_ns;  /* aim for a batch of this length */
	double warmup_ns; /* run this long, at least one iteration, before the batch size is fixed
	                   */
	uint64_t iterations; /* iterations of a batch; 0: fix them from batch_ns */
	int mark; /* descriptor of mark_open(), told where the sampling begins and ends; 0: none */
	double slow; /* make the operation slower by this share (harness/slow.h); 0: as it is */
	bool turns;  /* stop (SIGSTOP) before every batch that is a sample, until continued */
};

enum sample_series { SERIES_OP, SERIES_BASELINE };

struct sample {
	enum sample_series series;
	uint64_t iterations;
	uint64_t ticks;
	uint64_t interrupts; /* that hit it: struct timing */
	bool interrupts_known;
};

enum cell_status { CELL_OK, CELL_SKIPPED, CELL_FAILED };
const char *cell_status_name(enum cell_status status);

/* What disturbed or explains the op series of one cell in one process. */
struct cell_noise {
	uint64_t steal_ns; /* /proc/stat steal of the cell's CPUs during the series */
	bool steal_known;
	uint64_t involuntary; /* involuntary context switches of the process (getrusage) */
	uint64_t migrations;  /* samples that ended on another CPU than they began on */
	uint64_t page_faults; /* minor faults of the process (getrusage) during the op batches */
	struct counters counters; /* hardware counters of thread 0 over the op batches */
};

struct sampler_result {
	enum cell_status status;
	char reason[512];       /* why it was skipped or failed; "" when ok */
	struct sample *samples; /* owned; in the order they were taken */
	size_t count;
	struct cell_noise noise;
	struct traffic traffic; /* of one iteration */
	bool single_shot;       /* every op sample is one iteration, timed alone */
	double slow;            /* as planned */
};

/*
 * Probe, set up, measure, verify and tear down one cell. A cell that cannot run or whose work does
 * not verify is a result (skipped, failed with its reason; samples that were taken are kept), not
 * an error. Returns < 0 only when the harness itself fails (no memory for samples).
 */
int sampler_run(const struct setup *setup, const struct sampler_plan *plan,
                const struct clock *clock, struct sampler_result *result, struct err *e);
void sampler_result_free(struct sampler_result *result);

#endif
