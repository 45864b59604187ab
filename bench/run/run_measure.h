/* SPDX-License-Identifier: MIT */
/* The measurement of a run, from its manifest to its samples. */
#ifndef BENCH_RUN_RUN_MEASURE_H
#define BENCH_RUN_RUN_MEASURE_H

#include "bench/run/run.h"

/*
 * Measure what run_plan() has planned, in the directory of run_directory_make() or
 * run_directory_resume(). 0 when samples.csv is whole, also where cells have failed; a negative
 * errno with what ended the run before its end. What was measured until then stays.
 */
int run_measure(struct run *run, struct err *e);

#endif
