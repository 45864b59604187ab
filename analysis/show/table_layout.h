/* SPDX-License-Identifier: MIT */
/*
 * Where the columns of a kernel's table stand. Up to TABLE_LAYOUT_NARROW platforms have columns of
 * fixed width with median, MAD and ratio. More have a line only as wide as what is printed in it,
 * the MAD with the reference alone and marks elsewhere; what then does not fit on a page goes to
 * another table, the reference in front again.
 */
#ifndef ANALYSIS_SHOW_TABLE_LAYOUT_H
#define ANALYSIS_SHOW_TABLE_LAYOUT_H

#include "analysis/show/table_figures.h"

#define TABLE_LAYOUT_NARROW 3   /* platforms that the narrow layout is for */
#define TABLE_LAYOUT_GAP    2   /* between platforms */
#define TABLE_LAYOUT_WIDTH  100 /* of a page */

/* All in characters, with the blank in front of the MAD and of the ratio; 0: not printed. */
struct table_widths {
	int value, mark, mad, ratio;
};

struct table_layout {
	int label, unit;
	bool own_line; /* the label is so long that figures stand on a line of their own */
	struct table_widths column[COLUMNS_MAX];
};

/* Does what has these columns need the wide layout? */
bool table_layout_is_wide(const struct columns *columns);

/* For `count` lines, whose labels take `label` characters. */
void table_layout_make(struct table_layout *layout, const struct columns *columns, int label,
                       const struct table_figures *lines, size_t count);

/* What stands in front of the figures. */
int table_layout_indent(const struct table_layout *layout);

/* Of one platform, without the gap in front of it. */
int table_layout_column(const struct table_layout *layout, size_t column);

/*
 * Behind the last column that stands beside the reference in the table that begins with column
 * `from` (1 at first): `from` + 1 at least.
 */
size_t table_layout_end(const struct table_layout *layout, const struct columns *columns,
                        size_t from);

#endif
