/* SPDX-License-Identifier: MIT */
/* The section of kernels: the pictures of each, and a row a cell and platform. */
#ifndef ANALYSIS_SHOW_REPORT_KERNELS_H
#define ANALYSIS_SHOW_REPORT_KERNELS_H

#include <stdio.h>

#include "analysis/show/report_results.h"

int report_kernels(const struct report *r, FILE *out, struct err *e);

#endif
