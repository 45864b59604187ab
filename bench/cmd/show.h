/* SPDX-License-Identifier: MIT */
/* What a run measured, for people: summary.csv beside the samples, and the table. */
#ifndef BENCH_CMD_SHOW_H
#define BENCH_CMD_SHOW_H

#include <stdio.h>

#include "analysis/decide/summary.h"
#include "harness/err.h"

/* Summarise directory/samples.csv into directory/summary.csv and print the comparison table. */
int show_run(const char *directory, FILE *out, struct err *e);

/* Is there a native column? What is said of the machine itself is of that alone. */
bool show_native(const struct summary *summary);

#endif
