/* SPDX-License-Identifier: MIT */
/* The verdicts, for people and for programs. */
#ifndef ANALYSIS_SHOW_COMPARE_OUT_H
#define ANALYSIS_SHOW_COMPARE_OUT_H

#include <stdio.h>

#include "analysis/decide/gate.h"

#define COMPARE_OUT_SCHEMA 2

/* As text of at most TABLE_WIDTH columns: the kernels, then the cells. */
int compare_out_print(FILE *out, const struct compare *compare, struct err *e);

/*
 * comparison.csv: a row a cell and platform, and a row (without variant) a kernel and platform;
 * with a gate (NULL: none) one more for all that it looked at, whose q and verdict are the gate's.
 * `force`: harness/result.h, result_file_replace.
 */
int compare_out_write(const struct compare *compare, const struct gate *gate, const char *path,
                      bool force, struct err *e);

#endif
