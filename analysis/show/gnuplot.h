/* SPDX-License-Identifier: MIT */
/* gnuplot: running it, and what it reads. */
#ifndef ANALYSIS_SHOW_GNUPLOT_H
#define ANALYSIS_SHOW_GNUPLOT_H

#include <stdio.h>

#include "harness/err.h"

/*
 * Run gnuplot on `script` in `directory`, and wait. -ENOENT when it is not installed; -EIO, with
 * what it said, when it fails.
 */
int gnuplot_run(const char *directory, const char *script, struct err *e);

/* A text in single quotes, where nothing is special but the quote; control characters, which would
 * end the line, become spaces. */
void gnuplot_put_text(FILE *out, const char *text);

#endif
