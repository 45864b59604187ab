/* SPDX-License-Identifier: MIT */
/* The section of the machine that measured, and how figures come about. */
#ifndef ANALYSIS_SHOW_REPORT_MACHINE_H
#define ANALYSIS_SHOW_REPORT_MACHINE_H

#include <stdio.h>

#include "analysis/show/report_results.h"

int report_machine(const struct report *r, FILE *out, struct err *e);

#endif
