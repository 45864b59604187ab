/* SPDX-License-Identifier: MIT */
#include "analysis/show/table_layout.h"

#include <string.h>

/* "  19.8  0.4%" and " 1.03x" behind it. */
#define VALUE_WIDTH 7
#define MAD_WIDTH   5
#define RATIO_LEAST 7
#define UNIT_WIDTH  6

#define RULES 4 /* "- " and " -" around the name of a platform */

bool table_layout_is_wide(const struct columns *columns)
{
	return columns->count > TABLE_LAYOUT_NARROW;
}

static void widen(int *width, size_t text)
{
	if ((int)text > *width)
		*width = (int)text;
}

/* With a blank in front, of all columns but the reference. */
static int widest_ratio(const struct columns *columns, const struct table_figures *lines,
                        size_t count)
{
	char text[TABLE_FIGURES_TEXT];
	int width = RATIO_LEAST;

	for (size_t line = 0; line < count; line++)
		for (size_t i = 1; i < columns->count; i++)
			widen(&width, 1 + strlen(table_figures_ratio(&lines[line], i, text)));
	return width;
}

static void make_narrow(struct table_layout *layout, const struct columns *columns,
                        const struct table_figures *lines, size_t count)
{
	int ratio = widest_ratio(columns, lines, count);

	layout->unit = UNIT_WIDTH;
	for (size_t i = 0; i < columns->count; i++)
		layout->column[i] = (struct table_widths){VALUE_WIDTH, 0, MAD_WIDTH, i ? ratio : 0};
}

/* What is printed, and the headings over it. */
static void make_wide(struct table_layout *layout, const struct columns *columns,
                      const struct table_figures *lines, size_t count)
{
	char text[TABLE_FIGURES_TEXT];

	layout->unit = (int)strlen("unit");
	for (size_t line = 0; line < count; line++)
		widen(&layout->unit, strlen(lines[line].unit));
	for (size_t i = 0; i < columns->count; i++) {
		struct table_widths *w = &layout->column[i];
		int least = (int)strlen(target_name(columns->column[i].platform)) + RULES;

		*w = (struct table_widths){.value = (int)strlen("time"),
		                           .mad = i ? 0 : (int)strlen(" MAD"),
		                           .ratio = i ? (int)strlen(" ratio") : 0};
		for (size_t line = 0; line < count; line++) {
			const struct table_figures *f = &lines[line];

			widen(&w->value, strlen(table_figures_value(f, i, text)));
			widen(&w->mark, f->mark[i] ? 1 : 0);
			if (i)
				widen(&w->ratio, 1 + strlen(table_figures_ratio(f, i, text)));
			else
				widen(&w->mad, 1 + strlen(table_figures_mad(f, i, text)));
		}
		least -= table_layout_column(layout, i);
		w->value += least > 0 ? least : 0;
	}
}

void table_layout_make(struct table_layout *layout, const struct columns *columns, int label,
                       const struct table_figures *lines, size_t count)
{
	bool wide = table_layout_is_wide(columns);
	int width, widest = 0;

	*layout = (struct table_layout){.label = label};
	if (wide)
		make_wide(layout, columns, lines, count);
	else
		make_narrow(layout, columns, lines, count);
	width = table_layout_indent(layout);
	for (size_t i = 0; i < columns->count; i++) {
		int column = TABLE_LAYOUT_GAP + table_layout_column(layout, i);

		if (i && wide)
			widen(&widest, (size_t)column);
		else
			width += column;
	}
	layout->own_line = width + widest > TABLE_LAYOUT_WIDTH;
}

int table_layout_indent(const struct table_layout *layout)
{
	return layout->own_line ? 0 : layout->label + 1 + layout->unit;
}

int table_layout_column(const struct table_layout *layout, size_t column)
{
	const struct table_widths *w = &layout->column[column];

	return w->value + w->mark + w->mad + w->ratio;
}

size_t table_layout_end(const struct table_layout *layout, const struct columns *columns,
                        size_t from)
{
	int width = table_layout_indent(layout) + TABLE_LAYOUT_GAP + table_layout_column(layout, 0);
	size_t end = from;

	if (!table_layout_is_wide(columns))
		return columns->count;
	while (end < columns->count) {
		width += TABLE_LAYOUT_GAP + table_layout_column(layout, end);
		if (end > from && width > TABLE_LAYOUT_WIDTH)
			break;
		end++;
	}
	return end;
}
