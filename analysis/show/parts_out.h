/* SPDX-License-Identifier: MIT */
/* What world switches are made of, for people and for programs. */
#ifndef ANALYSIS_SHOW_PARTS_OUT_H
#define ANALYSIS_SHOW_PARTS_OUT_H

#include <stdio.h>

#include "analysis/decide/parts.h"

#define PARTS_OUT_SCHEMA 1
#define PARTS_OUT_TEXT   160

/* "ring0_port/in_testdev - ring0_port/in_pic": what the figure is computed from. */
const char *parts_out_form(const struct parts *parts, const struct parts_row *part,
                           char text[PARTS_OUT_TEXT]);

/* "1180 to 1240", "one round", "no interval", "no time". */
const char *parts_out_interval(const struct parts_row *part, char text[PARTS_OUT_TEXT]);

/* As text of at most TABLE_WIDTH columns; nothing when there are no parts. */
int parts_out_print(FILE *out, const struct parts *parts, struct err *e);

/* decomposition.csv: a row a part and platform (complete or not there). `force`: harness/result.h,
 * result_file_replace. */
int parts_out_write(const struct parts *parts, const char *path, bool force, struct err *e);

#endif
