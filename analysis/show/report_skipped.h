/* SPDX-License-Identifier: MIT */
/* The section of what has no figure, and why. */
#ifndef ANALYSIS_SHOW_REPORT_SKIPPED_H
#define ANALYSIS_SHOW_REPORT_SKIPPED_H

#include <stdio.h>

#include "analysis/show/report_results.h"

int report_skipped(const struct report *r, FILE *out, struct err *e);

#endif
