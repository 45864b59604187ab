/* SPDX-License-Identifier: MIT */
#include "analysis/show/columns.h"

struct columns columns_find(const struct summary *summary)
{
	bool measured[TARGET_COUNT][ACCEL_COUNT] = {{false}};
	struct columns columns = {.count = 0};

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		measured[row->platform][row->accel] |= row->rounds && !row->side;
	}
	for (unsigned place = 0; place < TARGET_COUNT; place++)
		for (int a = 0; a < ACCEL_COUNT; a++)
			if (measured[target_at(place)][a])
				columns.column[columns.count++] =
				        (struct column){target_at(place), (enum accel)a};
	return columns;
}

const struct summary_row *columns_row(const struct columns *columns, size_t column,
                                      const struct summary *summary, uint32_t cell)
{
	const struct column *c = &columns->column[column];

	return summary_find(summary, cell, c->platform, c->accel, 0);
}
