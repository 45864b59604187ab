/* SPDX-License-Identifier: MIT */
/* The part of report.html about the guests themselves. */
#ifndef ANALYSIS_SHOW_REPORT_GUESTS_H
#define ANALYSIS_SHOW_REPORT_GUESTS_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/read/machine.h"

/* Does the manifest know of guests? */
bool report_guests_any(const struct machine *machine);

/*
 * A row a platform that ran in guests: what they were launched with, whether the host could read
 * their memory, and, below, every setting in which they differ from the plain guest, with its
 * reason. Nothing where the manifest knows of no guest.
 */
void report_guests_write(FILE *out, const struct machine *machine);

#endif
