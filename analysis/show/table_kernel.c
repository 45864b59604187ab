/* SPDX-License-Identifier: MIT */
#include "analysis/show/table_kernel.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/disturbance.h"
#include "analysis/read/label.h"
#include "analysis/show/table_layout.h"

#define LINES_A_CELL 4 /* itself, two percentiles, and its part of the peak */

/* What is printed of a line but its figures. */
struct line {
	const char *name; /* "  p99"; NULL: the cell's label */
	uint32_t cell;
	enum summary_tail figure; /* SUMMARY_P50: the median */
	bool disturbances;        /* can stand behind it */
};

/* The lines, and where they stand. */
struct sheet {
	FILE *out;
	const struct table_kernel *kernel;
	const struct columns *columns;
	struct label label;
	struct line *lines;
	struct table_figures *figures; /* of each line */
	size_t count;
	struct table_layout layout;
	size_t from, end; /* the columns beside the reference of the table that is printed */
};

/* The line that comes next, with no figures yet. */
static struct table_figures *next_line(struct sheet *sheet, const char *name, uint32_t cell,
                                       enum summary_tail figure)
{
	sheet->lines[sheet->count] = (struct line){name, cell, figure, true};
	return &sheet->figures[sheet->count];
}

/* p99 and p99.9, each where there are samples enough for it. */
static void add_tails(struct sheet *sheet, uint32_t cell)
{
	static const struct {
		enum summary_tail tail;
		const char *name;
	} tails[] = {{SUMMARY_P99, "  p99"}, {SUMMARY_P999, "  p99.9"}};
	const struct summary *summary = sheet->kernel->summary;

	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++)
		sheet->count +=
		        table_figures_tail(summary, sheet->columns, cell, tails[i].tail,
		                           next_line(sheet, tails[i].name, cell, tails[i].tail));
}

static int add_cell(struct sheet *sheet, uint32_t cell, struct notes *notes, struct err *e)
{
	const struct summary *summary = sheet->kernel->summary;
	int rc = table_figures_cell(summary, sheet->columns, cell, sheet->kernel->cycles, notes,
	                            next_line(sheet, NULL, cell, SUMMARY_P50), e);

	if (rc)
		return rc;
	sheet->count++;
	if (summary->samples->cells[cell].single_shot)
		add_tails(sheet, cell);
	if (table_figures_peak(summary, sheet->columns, cell,
	                       next_line(sheet, "  of peak", cell, SUMMARY_P50)))
		sheet->lines[sheet->count++].disturbances = false;
	return 0;
}

static int make_lines(struct sheet *sheet, struct notes *notes, struct err *e)
{
	const struct table_kernel *kernel = sheet->kernel;
	size_t room = kernel->count * LINES_A_CELL;
	int rc = 0;

	sheet->lines = calloc(room, sizeof(*sheet->lines));
	sheet->figures = calloc(room, sizeof(*sheet->figures));
	if (!sheet->lines || !sheet->figures)
		return err_set(e, ENOMEM, "no memory for a table of %zu lines", room);
	for (size_t i = 0; i < kernel->count && !rc; i++)
		rc = add_cell(sheet, (uint32_t)(kernel->first + i), notes, e);
	for (size_t i = 0; i < sheet->count && table_layout_is_wide(sheet->columns); i++)
		if (sheet->lines[i].disturbances)
			table_figures_mark(kernel->summary, sheet->columns, sheet->lines[i].cell,
			                   sheet->lines[i].figure, &sheet->figures[i]);
	return rc;
}

/* Is column `i` in the table that is printed? */
static bool shown(const struct sheet *sheet, size_t i)
{
	return !i || (i >= sheet->from && i < sheet->end);
}

/* `text` in the middle of a column, with `fill` on both sides. */
static void print_centred(const struct sheet *sheet, size_t column, const char *text, char fill)
{
	int width = table_layout_column(&sheet->layout, column), size = (int)strlen(text);
	int left = (width - size) / 2, right = width - size - left;

	fprintf(sheet->out, "%*s", TABLE_LAYOUT_GAP, "");
	for (int i = 0; i < left; i++)
		putc(i + 1 < left ? fill : ' ', sheet->out);
	fputs(text, sheet->out);
	for (int i = 0; i < right; i++)
		putc(i ? fill : ' ', sheet->out);
}

/* Whose the columns are, and whether that was emulated. */
static void print_platforms(const struct sheet *sheet)
{
	const struct column *columns = sheet->columns->column;
	int indent = table_layout_indent(&sheet->layout);
	bool emulated = false;

	fprintf(sheet->out, "%*s", indent, "");
	for (size_t i = 0; i < sheet->columns->count; i++) {
		if (!shown(sheet, i))
			continue;
		print_centred(sheet, i, target_name(columns[i].platform), '-');
		emulated |= columns[i].accel == ACCEL_TCG;
	}
	putc('\n', sheet->out);
	if (!emulated)
		return;
	fprintf(sheet->out, "%*s", indent, "");
	for (size_t i = 0; i < sheet->columns->count; i++)
		if (shown(sheet, i))
			print_centred(sheet, i, columns[i].accel == ACCEL_TCG ? "emulated" : "",
			              ' ');
	putc('\n', sheet->out);
}

/* Over the figures: "time" and "rate" are shorter than what the legend says they are. */
static const char *figure_head(const struct sheet *sheet)
{
	const struct table_kernel *kernel = sheet->kernel;

	if (!table_layout_is_wide(sheet->columns))
		return "median";
	return kernel->summary->samples->cells[kernel->first].unit == UNIT_BANDWIDTH ? "rate"
	                                                                             : "time";
}

static void print_column_heads(const struct sheet *sheet)
{
	const struct table_layout *layout = &sheet->layout;

	if (layout->own_line) {
		label_head(&sheet->label, sheet->out);
		fputs(" unit\n", sheet->out);
	}
	print_platforms(sheet);
	if (!layout->own_line) {
		label_head(&sheet->label, sheet->out);
		fprintf(sheet->out, " %-*s", layout->unit, "unit");
	}
	for (size_t i = 0; i < sheet->columns->count; i++) {
		const struct table_widths *w = &layout->column[i];

		if (shown(sheet, i))
			fprintf(sheet->out, "%*s%*s%*s%*s", TABLE_LAYOUT_GAP + w->value,
			        figure_head(sheet), w->mark, "", w->mad, w->mad ? "MAD" : "",
			        w->ratio, w->ratio ? "ratio" : "");
	}
	putc('\n', sheet->out);
}

/* The unit and the figures, these on a line of their own if the label needs it. */
static void print_figures(const struct sheet *sheet, const struct table_figures *f)
{
	char value[TABLE_FIGURES_TEXT], mad[TABLE_FIGURES_TEXT], ratio[TABLE_FIGURES_TEXT];
	const struct table_layout *layout = &sheet->layout;

	fprintf(sheet->out, " %-*s%s", layout->unit, f->unit, layout->own_line ? "\n" : "");
	for (size_t i = 0; i < sheet->columns->count; i++) {
		const struct table_widths *w = &layout->column[i];

		if (shown(sheet, i))
			fprintf(sheet->out, "%*s%-*s%*s%*s", TABLE_LAYOUT_GAP + w->value,
			        table_figures_value(f, i, value), w->mark,
			        f->mark[i] ? f->mark[i] : "", w->mad,
			        w->mad ? table_figures_mad(f, i, mad) : "", w->ratio,
			        i ? table_figures_ratio(f, i, ratio) : "");
	}
}

/* `text` behind a line that has `column` characters, or below it where there is no room. */
static int print_behind(FILE *out, const char *text, int column)
{
	int size = (int)strlen(text);

	if (column + size > TABLE_LAYOUT_WIDTH) {
		fputs("\n  ", out);
		column = 2;
	}
	fputs(text, out);
	return column + size;
}

/* The footnotes on the figures of a line, then what can have moved them; ends it. */
static void print_remarks(const struct sheet *sheet, const struct line *line,
                          const struct table_figures *f, int column)
{
	const struct summary *summary = sheet->kernel->summary;
	char text[DISTURBANCE_TEXT], mark[DISTURBANCE_TEXT + 16];
	bool wide = table_layout_is_wide(sheet->columns);
	const char *moved;

	for (size_t i = 0; i < 2 * sheet->columns->count; i++) {
		if (!f->doubt[i / 2][i % 2] || !shown(sheet, i / 2))
			continue;
		snprintf(mark, sizeof(mark), " [%d]", f->doubt[i / 2][i % 2]);
		column = print_behind(sheet->out, mark, column);
	}
	for (size_t i = 0; i < sheet->columns->count && line->disturbances && !wide; i++) {
		const struct summary_row *row = columns_row(sheet->columns, i, summary, line->cell);

		moved = row ? disturbance_text(row, line->figure, text) : "";
		if (!*moved)
			continue;
		snprintf(mark, sizeof(mark), "  %s %s", target_name(row->platform), moved);
		column = print_behind(sheet->out, mark, column);
	}
	putc('\n', sheet->out);
}

/* The reference and the columns that fit beside it. */
static void print_table(const struct sheet *sheet)
{
	const struct samples *s = sheet->kernel->summary->samples;
	int width = table_layout_indent(&sheet->layout);

	for (size_t i = 0; i < sheet->columns->count; i++)
		if (shown(sheet, i))
			width += TABLE_LAYOUT_GAP + table_layout_column(&sheet->layout, i);
	print_column_heads(sheet);
	for (size_t i = 0; i < sheet->count; i++) {
		const struct line *line = &sheet->lines[i];

		if (line->name)
			fprintf(sheet->out, "%-*s", sheet->layout.label, line->name);
		else
			label_print(&sheet->label, &s->cells[line->cell], sheet->out);
		print_figures(sheet, &sheet->figures[i]);
		print_remarks(sheet, line, &sheet->figures[i], width);
	}
}

/* ", each timed alone", ", in batches of 300 to 2000": how the operations of some cells were timed.
 */
static const char *timing_text(const struct table_kernel *kernel, char text[80])
{
	double least = INFINITY, most = 0;
	bool alone = false;

	text[0] = '\0';
	for (size_t i = 0; i < kernel->summary->count; i++) {
		const struct summary_row *row = &kernel->summary->rows[i];

		if (row->cell < kernel->first || row->cell >= kernel->first + kernel->count ||
		    isnan(row->batch))
			continue;
		if (row->batch <= 1) {
			alone = true;
			continue;
		}
		least = fmin(least, row->batch);
		most = fmax(most, row->batch);
	}
	if (most <= 0)
		snprintf(text, 80, "%s", alone ? ", each timed alone" : "");
	else if (least < most)
		snprintf(text, 80, ", in batches of %.0f to %.0f", least, most);
	else
		snprintf(text, 80, ", in batches of %.0f", most);
	return text;
}

/* What all its cells have in common. */
static void print_head(const struct sheet *sheet)
{
	const struct table_kernel *kernel = sheet->kernel;
	const struct samples *s = kernel->summary->samples;
	const struct samples_cell *cell = &s->cells[kernel->first];
	char common[LABEL_TEXT], timing[80], head[LABEL_TEXT + 240];
	bool rates = cell->unit == UNIT_BANDWIDTH;

	label_common(&sheet->label, cell, common);
	snprintf(head, sizeof(head), "%.60s: %s%s%s%s", samples_text(s, cell->key.kernel),
	         rates ? summary_row_rate_name(SUMMARY_STREAM) : "time of one operation",
	         timing_text(kernel, timing), *common ? "; " : "", common);
	putc('\n', sheet->out);
	notes_wrap(sheet->out, head, 0, 4, TABLE_LAYOUT_WIDTH);
}

int table_kernel_print(FILE *out, const struct table_kernel *kernel, struct notes *notes,
                       struct err *e)
{
	const struct samples *s = kernel->summary->samples;
	struct sheet sheet = {.out = out, .kernel = kernel, .columns = kernel->columns};
	int rc;

	label_make(&sheet.label, s, kernel->first, kernel->count);
	rc = make_lines(&sheet, notes, e);
	if (!rc) {
		table_layout_make(&sheet.layout, sheet.columns, label_width(&sheet.label),
		                  sheet.figures, sheet.count);
		print_head(&sheet);
		sheet.end = 1;
		do {
			sheet.from = sheet.end;
			if (sheet.from > 1)
				fprintf(out, "%.60s, more platforms:\n",
				        samples_text(s, s->cells[kernel->first].key.kernel));
			sheet.end = table_layout_end(&sheet.layout, sheet.columns, sheet.from);
			print_table(&sheet);
		} while (sheet.end < sheet.columns->count);
	}
	free(sheet.lines);
	free(sheet.figures);
	return rc;
}
