/* SPDX-License-Identifier: MIT */
/* Runs gnuplot. */
#ifndef ANALYSIS_SHOW_GNUPLOT_H
#define ANALYSIS_SHOW_GNUPLOT_H

#include "harness/err.h"

/*
 * Run gnuplot on `script` in `directory`, and wait. -ENOENT when it is not installed; -EIO, with
 * what it said, when it fails.
 */
int gnuplot_run(const char *directory, const char *script, struct err *e);

#endif
