/* SPDX-License-Identifier: MIT */
/* The section of what an operator asks: so many operations, and how many make 1 % of a CPU. */
#ifndef ANALYSIS_SHOW_REPORT_COSTS_H
#define ANALYSIS_SHOW_REPORT_COSTS_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/show/report_results.h"

/* Did a guest run of which such is known, or is said why not? */
bool report_costs_any(const struct report *r);

int report_costs(const struct report *r, FILE *out, struct err *e);

#endif
