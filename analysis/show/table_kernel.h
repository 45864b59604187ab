/* SPDX-License-Identifier: MIT */
/* The table of one kernel: a line a cell, percentile and part of the peak. */
#ifndef ANALYSIS_SHOW_TABLE_KERNEL_H
#define ANALYSIS_SHOW_TABLE_KERNEL_H

#include <stdio.h>

#include "analysis/show/columns.h"
#include "analysis/show/notes.h"

struct table_kernel {
	const struct summary *summary;
	const struct columns *columns; /* one at least; the first is the reference */
	bool cycles;                   /* instead of time, where every column has them */
	size_t first, count;           /* its cells */
};

/* Why figures are missing or doubtful goes to `notes`. -ENOMEM. */
int table_kernel_print(FILE *out, const struct table_kernel *kernel, struct notes *notes,
                       struct err *e);

#endif
