/* SPDX-License-Identifier: MIT */
/* The pictures on the page. */
#ifndef ANALYSIS_SHOW_REPORT_PICTURES_H
#define ANALYSIS_SHOW_REPORT_PICTURES_H

#include <stdio.h>

#include "analysis/show/report_results.h"

/* Those of one kernel, by its id in samples->text; UINT32_MAX: those of several. */
int report_pictures(const struct report *r, uint32_t kernel, FILE *out, struct err *e);

/* The section of those of several kernels. */
int report_pictures_overview(const struct report *r, FILE *out, struct err *e);

#endif
