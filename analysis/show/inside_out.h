/* SPDX-License-Identifier: MIT */
/* Encryption inside one guest, as it is shown. */
#ifndef ANALYSIS_SHOW_INSIDE_OUT_H
#define ANALYSIS_SHOW_INSIDE_OUT_H

#include <stdio.h>

#include "analysis/decide/inside.h"
#include "analysis/read/label.h"

#define INSIDE_OUT_TEXT ((size_t)2 * LABEL_TEXT)

/* The verdict in words: "control: equal", "slower". */
const char *inside_out_judgement(const struct inside *inside, const struct inside_row *row,
                                 char text[INSIDE_OUT_TEXT]);

/* "memcpy/avx2 64M chains=1;stride=64": what else there is to a cell is the same on both. */
const char *inside_out_cell(const struct samples *s, const struct samples_cell *cell,
                            char text[INSIDE_OUT_TEXT]);

/* As text of at most TABLE_WIDTH columns; nothing when nothing was measured on both. */
int inside_out_print(FILE *out, const struct inside *inside, struct err *e);

#endif
