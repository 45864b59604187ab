/* SPDX-License-Identifier: MIT */
/* summary.csv: one row a cell and platform. */
#ifndef ANALYSIS_SHOW_SUMMARY_CSV_H
#define ANALYSIS_SHOW_SUMMARY_CSV_H

#include "analysis/decide/summary.h"

#define SUMMARY_CSV_SCHEMA 2 /* of what is written from a summary: histogram.csv too */

/*
 * Write it as `path` (complete or not there; harness/result.h). Numbers that are not known are
 * empty fields. Only rows of side 0.
 */
int summary_csv_write(const struct summary *summary, const char *path, struct err *e);

#endif
