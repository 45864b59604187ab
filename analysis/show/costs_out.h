/* SPDX-License-Identifier: MIT */
/* What an operator asks of a run, for people. */
#ifndef ANALYSIS_SHOW_COSTS_OUT_H
#define ANALYSIS_SHOW_COSTS_OUT_H

#include <stdio.h>

#include "analysis/decide/costs.h"

#define COSTS_OUT_TEXT 128

/* "12.3 ms (11.9 to 12.7)", "8117 a second (7990 to 8250)", or why it is not known. */
const char *costs_out_value(const struct costs_row *row, char text[COSTS_OUT_TEXT]);

/* As text of at most TABLE_WIDTH columns. */
int costs_out_print(FILE *out, const struct costs *costs, struct err *e);

#endif
