/* SPDX-License-Identifier: MIT */
/*
 * The section of the guests themselves. A row a platform that ran in guests: what they were
 * launched with, whether the host could read their memory, and, below, every setting in which they
 * differ from the plain guest, with its reason.
 */
#ifndef ANALYSIS_SHOW_REPORT_GUESTS_H
#define ANALYSIS_SHOW_REPORT_GUESTS_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/show/report_results.h"

/* Does the manifest know of guests? */
bool report_guests_any(const struct report *r);

int report_guests(const struct report *r, FILE *out, struct err *e);

#endif
