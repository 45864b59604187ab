/* SPDX-License-Identifier: MIT */
/* The columns of tables that have platforms side by side. */
#ifndef ANALYSIS_SHOW_COLUMNS_H
#define ANALYSIS_SHOW_COLUMNS_H

#include "analysis/decide/summary.h"

#define COLUMNS_MAX (TARGET_COUNT * ACCEL_COUNT)

struct column {
	unsigned platform;
	enum accel accel;
};

struct columns {
	struct column column[COLUMNS_MAX];
	size_t count;
};

/* What side 0 measured, in the order of platforms and accelerators. */
struct columns columns_find(const struct summary *summary);

/* The row of a cell in a column, or NULL. */
const struct summary_row *columns_row(const struct columns *columns, size_t column,
                                      const struct summary *summary, uint32_t cell);

#endif
