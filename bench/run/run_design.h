/* SPDX-License-Identifier: MIT */
/* The two stages of a run with --margin (bench/run/design.h): its manifest and its time. */
#ifndef BENCH_RUN_RUN_DESIGN_H
#define BENCH_RUN_RUN_DESIGN_H

#include "bench/run/run.h"

/* From run->options, and of a run that goes on from its manifest (-EINVAL where that is none). With
 * run->suite; sets run->rounds to those that are planned so far. */
int run_design_begin(struct run *run, struct err *e);

/* Is it a run of two stages? */
bool run_design_staged(const struct run *run);

/* As many rounds as the run can come to have. */
unsigned run_design_most(const struct run *run);

/* Does that cell get this round? */
bool run_design_wants(const struct run *run, unsigned round, unsigned target, size_t cell);

/*
 * The pilot is measured: settle the further rounds, unless that was done before the run was
 * interrupted, in run->rounds, the manifest and the progress, and say what they will be.
 */
int run_design_settle(struct run *run, struct err *e);

/* May one more further round begin? false, and said, when --time-limit has passed. */
bool run_design_in_time(struct run *run);

/* "design" of the manifest as it is now; the time that was spent so far. Nothing without stages. */
void run_design_note(struct run *run);

/* A sentence of the design for the plan, or "". Returns `text`. */
#define RUN_DESIGN_TEXT 256
const char *run_design_text(const struct run *run, char text[RUN_DESIGN_TEXT]);

#endif
