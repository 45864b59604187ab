/* SPDX-License-Identifier: MIT */
/*
 * What else goes on while a run measures (bench/run/watch.h): waited for before a launch, noted in
 * the manifest after it and after every cell.
 */
#ifndef BENCH_RUN_RUN_WATCH_H
#define BENCH_RUN_RUN_WATCH_H

#include "bench/run/run.h"

/*
 * Put the launch off while others use its CPUs, within bounds, and note in its entry how that came
 * out; then what went on while it ran.
 */
void run_watch_launch(struct run_launch *launch);
void run_watch_launch_end(struct run_launch *launch);

/* A cell that was disturbed is noted in the manifest: its rows stay. */
void run_watch_cell(const struct run_launch *launch, struct watch_reading *before);
void run_watch_cell_end(struct run_launch *launch, const struct cell *cell,
                        const struct watch_reading *before);

/* How many cells were disturbed, to people; nothing when none was. */
void run_watch_say(const struct run *run);

#endif
