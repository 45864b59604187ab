/* SPDX-License-Identifier: MIT */
/* The page's sections after the kernels: each a heading and a table, or nothing to say. */
#ifndef ANALYSIS_SHOW_REPORT_SECTIONS_H
#define ANALYSIS_SHOW_REPORT_SECTIONS_H

#include <stdio.h>

#include "analysis/show/report.h"

/* What world switches are made of. */
void report_sections_parts(FILE *out, const struct parts *parts);

/* Private against shared memory within one guest, and the control of that. */
void report_sections_inside(FILE *out, const struct inside *inside);

/* What others measured, beside what was measured here. */
void report_sections_published(FILE *out, const struct report *r);

#endif
