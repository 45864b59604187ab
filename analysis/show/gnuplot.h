/* SPDX-License-Identifier: MIT */
/* gnuplot: running it, and what it reads. */
#ifndef ANALYSIS_SHOW_GNUPLOT_H
#define ANALYSIS_SHOW_GNUPLOT_H

#include <stdio.h>

#include "harness/folder.h"

/*
 * Run gnuplot on `script` in `folder`, which holds nothing but what its caller put there, and wait:
 * the one that PATH has at an absolute place (harness/program.h), with neither settings nor
 * variables of the caller's. -ENOENT when it is not installed; -EIO, with what it said, when it
 * fails.
 */
int gnuplot_run(const struct folder *folder, const char *script, struct err *e);

/* A text in single quotes, where nothing is special but the quote; control characters, which would
 * end the line, become spaces, and it is cleaned as what is printed is (harness/utf8.h). */
void gnuplot_put_text(FILE *out, const char *text);

#endif
