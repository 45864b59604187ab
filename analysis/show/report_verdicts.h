/* SPDX-License-Identifier: MIT */
/* The section of verdicts: how many, of which kernels, and for beginners what they mean. */
#ifndef ANALYSIS_SHOW_REPORT_VERDICTS_H
#define ANALYSIS_SHOW_REPORT_VERDICTS_H

#include <stdio.h>

#include "analysis/show/report_results.h"

int report_verdicts(const struct report *r, FILE *out, struct err *e);

#endif
