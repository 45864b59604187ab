/* SPDX-License-Identifier: MIT */
/* The section of what world switches are made of. */
#ifndef ANALYSIS_SHOW_REPORT_PARTS_H
#define ANALYSIS_SHOW_REPORT_PARTS_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/show/report_results.h"

/* Could any be taken apart? */
bool report_parts_any(const struct report *r);

int report_parts(const struct report *r, FILE *out, struct err *e);

#endif
