/* SPDX-License-Identifier: MIT */
/* The result directory of a run, with its logs, journal and samples. */
#ifndef BENCH_RUN_RUN_DIRECTORY_H
#define BENCH_RUN_RUN_DIRECTORY_H

#include "bench/run/run.h"

/* Made anew; -EEXIST when it is there. */
int run_directory_make(struct run *run, struct err *e);

/* That of an interrupted run: its samples are cut back to the cells that were complete. */
int run_directory_resume(struct run *run, struct err *e);

#endif
