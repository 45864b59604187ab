/* SPDX-License-Identifier: MIT */
/* The command that measures one cell: the same words natively and in every guest. */
#ifndef BENCH_RUN_JOB_H
#define BENCH_RUN_JOB_H

#include "bench/select/suite.h"
#include "harness/result.h"

/*
 * The argument vector, ended by NULL; job_free() releases it. `folder` holds the per-kernel
 * binaries
 * ("/bin" in a guest). `cpus` pins the threads, NULL leaves it to topology.
 */
char **job_argv(const struct suite_cell *cell, const struct result_origin *origin, uint64_t seed,
                const char *folder, const char *cpus, struct err *e);

/* `folder`/bench-<kernel> --environment. */
char **job_environment_argv(const struct kernel *kernel, const char *folder, struct err *e);

void job_free(char **argv);

#endif
