/* SPDX-License-Identifier: MIT */
/* The section of private against shared memory within one guest, and the control of that. */
#ifndef ANALYSIS_SHOW_REPORT_INSIDE_H
#define ANALYSIS_SHOW_REPORT_INSIDE_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/show/report_results.h"

/* Was anything measured on both? */
bool report_inside_any(const struct report *r);

int report_inside(const struct report *r, FILE *out, struct err *e);

#endif
