/* SPDX-License-Identifier: MIT */
/* Numbers as the page writes them, into `text`, which is returned. */
#ifndef ANALYSIS_SHOW_REPORT_TEXT_H
#define ANALYSIS_SHOW_REPORT_TEXT_H

#include "analysis/decide/summary.h"

/* "1.071"; "" for NaN. */
const char *report_text_ratio(double ratio, char text[64]);

/* "1.050 to 1.092"; "no interval" where `low` is NaN. */
const char *report_text_interval(double low, double high, char text[64]);

/* "nosev (emulated)" */
const char *report_text_platform(unsigned platform, enum accel accel, char text[64]);

/* The median of a row, or its rate; or why there is none, as where its MAD says so. */
const char *report_text_value(const struct summary *summary, const struct summary_row *row,
                              char text[64]);

#endif
