/* SPDX-License-Identifier: MIT */
/* What neighbours cost, for people and for programs. */
#ifndef ANALYSIS_SHOW_NEIGHBOURS_OUT_H
#define ANALYSIS_SHOW_NEIGHBOURS_OUT_H

#include <stdio.h>

#include "analysis/decide/neighbours.h"

#define NEIGHBOURS_OUT_SCHEMA 1

/* As text of at most TABLE_WIDTH columns. */
int neighbours_out_print(FILE *out, const struct neighbours *neighbours, struct err *e);

/* neighbours.csv: a row a cell and guest, one of all together, and one alone; complete or not
 * there. `force`: harness/result.h, result_file_replace. */
int neighbours_out_write(const struct neighbours *neighbours, const char *path, bool force,
                         struct err *e);

#endif
