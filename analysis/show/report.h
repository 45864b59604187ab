/* SPDX-License-Identifier: MIT */
/* report.html: everything about a run on one page that needs nothing else, neither network nor
 * script. */
#ifndef ANALYSIS_SHOW_REPORT_H
#define ANALYSIS_SHOW_REPORT_H

#include <stdio.h>

#include "analysis/show/report_results.h"

/* By this, among its first bytes, a page is known to be a report and may be replaced by a new one.
 */
#define REPORT_MARK  "<title>" REPORT_TITLE "</title>"
#define REPORT_TITLE "sevbench report"

/* Write the page. Errors of `out` are the caller's to see (ferror), as of any stream. */
int report_write(const struct report *report, FILE *out, struct err *e);

#endif
