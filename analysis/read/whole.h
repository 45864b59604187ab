/* SPDX-License-Identifier: MIT */
/* Is a samples.csv as long as its run was? One that is cut at the end of a line looks whole. */
#ifndef ANALYSIS_READ_WHOLE_H
#define ANALYSIS_READ_WHOLE_H

#include "analysis/read/machine.h"
#include "analysis/read/samples.h"

/*
 * Hold source `source` of the sorted samples against the rows that the manifest beside it counts.
 * 0 where they agree, or it counts none; -ENODATA with the file, how many rows are missing or too
 * many, and a launch of which nothing is there.
 */
int whole_check(const struct samples *s, uint32_t source, const struct machine *machine,
                struct err *e);

#endif
