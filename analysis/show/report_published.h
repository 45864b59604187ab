/* SPDX-License-Identifier: MIT */
/* The section of what others measured, beside what was measured here. */
#ifndef ANALYSIS_SHOW_REPORT_PUBLISHED_H
#define ANALYSIS_SHOW_REPORT_PUBLISHED_H

#include <stdio.h>

#include "analysis/show/report_results.h"

int report_published(const struct report *r, FILE *out, struct err *e);

#endif
