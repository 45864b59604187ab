/* SPDX-License-Identifier: MIT */
/* Going on with a run that was interrupted: what its manifest says of it. */
#ifndef BENCH_RUN_RUN_RESUME_H
#define BENCH_RUN_RUN_RESUME_H

#include "bench/run/run.h"

/*
 * First its options and its manifest (run->options is what `options` will hold), then its suite and
 * the memory of its guests. -EINVAL when it is no run that can go on.
 */
int run_resume_options(struct run *run, struct run_options *options, struct err *e);
int run_resume_suite(struct run *run, struct err *e);
void run_resume_memory(struct run *run);

/* "sevbench run --resume <directory>", with what such a command line has to name again. */
void run_resume_put_command(const struct run_options *options, const char *directory, FILE *out);

/* -EINVAL when a platform that the run has measured cannot be measured any more. */
int run_resume_check(const struct run *run, struct err *e);

/* To people and to the manifest: how many cells were dropped. Nothing where none was. */
void run_resume_say(struct run *run);

#endif
