/* SPDX-License-Identifier: MIT */
#include "analysis/show/table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/difference.h"
#include "analysis/decide/disturbance.h"
#include "analysis/read/label.h"
#include "analysis/read/number.h"
#include "analysis/show/columns.h"
#include "analysis/show/notes.h"
#include "analysis/show/table_figures.h"
#include "harness/units.h"

/* "  19.8  0.4%" and " 1.03x" behind it. */
#define VALUE_WIDTH 7
#define MAD_WIDTH   5
#define RATIO_LEAST 7
#define GAP         2
#define UNIT_WIDTH  6

struct table {
	FILE *out;
	const struct summary *summary;
	const struct table_options *options;
	struct columns columns;
	int ratio_width; /* of the widest ratio of this kernel, with a blank before it */
	int end;         /* columns of a line of its figures */
	struct notes notes;
	bool emulated;
	bool disturbed; /* a figure may be moved by what disturbed its cell */
};

static int column_width(const struct table *t, size_t column)
{
	return GAP + VALUE_WIDTH + MAD_WIDTH + (column ? t->ratio_width : 0);
}

/* All columns of the reference before the others; the first of all is what ratios are to: hardware
 * before emulation, by the order of accel. */
static void put_first(struct columns *columns, unsigned reference)
{
	const struct columns all = *columns;

	columns->count = 0;
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < all.count; i++)
			if ((all.column[i].platform == reference) != (pass > 0))
				columns->column[columns->count++] = all.column[i];
}

/* The platforms that were measured, the reference first. */
static int find_columns(struct table *t, struct err *e)
{
	int wanted = t->options->reference;
	unsigned reference =
	        wanted == TABLE_REFERENCE_AUTO ? summary_reference(t->summary) : (unsigned)wanted;

	t->columns = columns_find(t->summary);
	put_first(&t->columns, reference);
	for (size_t i = 0; i < t->columns.count; i++)
		t->emulated |= t->columns.column[i].accel == ACCEL_TCG;
	if (wanted != TABLE_REFERENCE_AUTO &&
	    !(t->columns.count && t->columns.column[0].platform == reference))
		return err_set(e, EINVAL, "the reference %s was not measured",
		               target_name(reference));
	return 0;
}

static void find_disturbances(struct table *t)
{
	char text[DISTURBANCE_TEXT];

	for (size_t i = 0; i < t->summary->count; i++) {
		const struct summary_row *row = &t->summary->rows[i];

		for (int figure = 0; figure < SUMMARY_TAIL_COUNT && !row->side; figure++)
			t->disturbed |= *disturbance_text(row, (enum summary_tail)figure, text);
	}
}

/* With a blank and the x, for some cells; ratios are of medians and of percentiles. */
static int find_ratio_width(const struct table *t, size_t first, size_t count)
{
	int width = RATIO_LEAST;

	for (size_t i = 0; i < t->summary->count; i++) {
		const struct summary_row *row = &t->summary->rows[i], *reference;
		char text[NUMBER_TEXT];

		if (row->cell < first || row->cell >= first + count || row->side)
			continue;
		reference = columns_row(&t->columns, 0, t->summary, row->cell);
		for (int what = -1; what < SUMMARY_TAIL_COUNT && reference; what++) {
			double ratio = what < 0 ? row->median_ns / reference->median_ns
			                        : row->tail_ns[what] / reference->tail_ns[what];

			if (!isnan(ratio) && (int)strlen(number_three(ratio, text)) + 2 > width)
				width = (int)strlen(text) + 2;
		}
	}
	return width;
}

/* What "of peak" is a part of. */
static void print_peak_head(const struct table *t)
{
	const struct summary_peak *peak = &t->summary->peak;
	char text[640], size[UNITS_TEXT];

	snprintf(text, sizeof(text),
	         "of peak: bytes read + written in percent of the %.1f GB/s that all channels of "
	         "the "
	         "memory move in theory (%s), where an array has at least %s for every last-level "
	         "cache that its threads may use.",
	         peak->gbps, peak->source, units_size(peak->least_size, size));
	notes_wrap(t->out, text, 0, 0, TABLE_WIDTH);
}

static void print_head(struct table *t)
{
	uint32_t least = UINT32_MAX, most = 0;
	const struct column *reference = &t->columns.column[0];
	char difference[DIFFERENCE_TEXT];
	bool single_shot = false;

	for (size_t i = 0; i < t->summary->count; i++) {
		const struct summary_row *row = &t->summary->rows[i];

		if (!row->rounds || row->side)
			continue;
		least = row->rounds < least ? row->rounds : least;
		most = row->rounds > most ? row->rounds : most;
	}
	if (!t->columns.count) {
		fputs("Nothing was measured.\n", t->out);
		return;
	}
	fputs("Each figure is the median of ", t->out);
	if (least == most)
		fprintf(t->out, "%u round%s", most, most == 1 ? "" : "s");
	else
		fprintf(t->out, "%u to %u rounds", least, most);
	fputs("; MAD is the median absolute deviation of all samples,\nin percent of it.", t->out);
	if (t->columns.count > 1)
		fprintf(t->out, " Ratios compare times with %s: 2.00x takes twice as long.",
		        target_name(reference->platform));
	putc('\n', t->out);
	if (*difference_text(t->summary, difference))
		notes_wrap(t->out, difference, 0, 0, TABLE_WIDTH);
	for (size_t i = 0; i < t->summary->samples->cell_count; i++)
		single_shot |= t->summary->samples->cells[i].single_shot;
	if (single_shot)
		fputs("p99, p99.9: percentiles of all samples, where every operation was timed "
		      "alone.\n",
		      t->out);
	if (t->summary->peak.gbps > 0)
		print_peak_head(t);
	if (t->disturbed)
		notes_wrap(t->out,
		           "Behind a line, per platform, what can have moved its "
		           "figure: " DISTURBANCE_RULE ".",
		           0, 0, TABLE_WIDTH);
	if (t->emulated)
		fputs("Columns marked \"emulated\" ran under TCG, which is software: they show "
		      "that "
		      "it works, and\nsay nothing about what hardware costs.\n",
		      t->out);
}

/* `text` in the middle of a column, with `fill` on both sides. */
static void print_centred(const struct table *t, size_t column, const char *text, char fill)
{
	int width = column_width(t, column) - GAP, size = (int)strlen(text);
	int left = (width - size) / 2, right = width - size - left;

	fprintf(t->out, "%*s", GAP, "");
	for (int i = 0; i < left; i++)
		putc(i + 1 < left ? fill : ' ', t->out);
	fputs(text, t->out);
	for (int i = 0; i < right; i++)
		putc(i ? fill : ' ', t->out);
}

/* Whose the columns are, whether that was emulated, and what a column holds. */
static void print_column_heads(const struct table *t, const struct label *label, bool own_line)
{
	int indent = own_line ? 0 : label_width(label) + 1 + UNIT_WIDTH;

	if (own_line) {
		label_head(label, t->out);
		fputs(" unit\n", t->out);
	}
	fprintf(t->out, "%*s", indent, "");
	for (size_t i = 0; i < t->columns.count; i++)
		print_centred(t, i, target_name(t->columns.column[i].platform), '-');
	putc('\n', t->out);
	if (t->emulated) {
		fprintf(t->out, "%*s", indent, "");
		for (size_t i = 0; i < t->columns.count; i++)
			print_centred(t, i,
			              t->columns.column[i].accel == ACCEL_TCG ? "emulated" : "",
			              ' ');
		putc('\n', t->out);
	}
	if (!own_line) {
		label_head(label, t->out);
		fprintf(t->out, " %-*s", UNIT_WIDTH, "unit");
	}
	for (size_t i = 0; i < t->columns.count; i++)
		fprintf(t->out, "%*s%*s%*s", GAP + VALUE_WIDTH, "median", MAD_WIDTH, "MAD",
		        i ? t->ratio_width : 0, i ? "ratio" : "");
	putc('\n', t->out);
}

/* Behind the label: the unit and the figures, these on a line of their own if asked for. */
static void print_figures(const struct table *t, const struct table_figures *f, bool own_line)
{
	char text[32];

	fprintf(t->out, " %-*s%s", UNIT_WIDTH, f->unit, own_line ? "\n" : "");
	for (size_t i = 0; i < t->columns.count; i++) {
		double ratio = f->ns[i] / f->ns[0];

		if (isnan(f->shown[i])) {
			if (f->note[i])
				snprintf(text, sizeof(text), "[%d]", f->note[i]);
			fprintf(t->out, "%*s%*s", GAP + VALUE_WIDTH, f->note[i] ? text : "-",
			        column_width(t, i) - GAP - VALUE_WIDTH, "");
			continue;
		}
		fprintf(t->out, "%*s", GAP + VALUE_WIDTH, number_three(f->shown[i], text));
		if (isnan(f->spread[i]))
			fprintf(t->out, "%*s", MAD_WIDTH, "");
		else
			fprintf(t->out, "%*.*f%%", MAD_WIDTH - 1, f->spread[i] < 9.95 ? 1 : 0,
			        f->spread[i]);
		if (!i)
			continue;
		fprintf(t->out, "%*s%c", t->ratio_width - 1,
		        isnan(ratio) ? "" : number_three(ratio, text), isnan(ratio) ? ' ' : 'x');
	}
	for (size_t i = 0; i < 2 * t->columns.count; i++)
		if (f->doubt[i / 2][i % 2])
			fprintf(t->out, " [%d]", f->doubt[i / 2][i % 2]);
}

/* What can have moved the figure on each platform, behind its line; ends it. */
static void print_disturbances(const struct table *t, uint32_t cell, enum summary_tail figure)
{
	int column = t->end;

	for (size_t i = 0; i < t->columns.count; i++) {
		const struct summary_row *row = columns_row(&t->columns, i, t->summary, cell);
		char text[DISTURBANCE_TEXT], mark[DISTURBANCE_TEXT + 16];
		const char *moved = row ? disturbance_text(row, figure, text) : "";
		int used;

		if (!*moved)
			continue;
		used = snprintf(mark, sizeof(mark), "  %s %s", target_name(row->platform), moved);
		if (column + used > TABLE_WIDTH) {
			fputs("\n  ", t->out);
			column = 2;
		}
		fputs(mark, t->out);
		column += used;
	}
	putc('\n', t->out);
}

static void print_more(const struct table *t, const struct label *label, const char *name,
                       const struct table_figures *f, bool own_line)
{
	fprintf(t->out, "%-*s", label_width(label), name);
	print_figures(t, f, own_line);
}

/* p99 and p99.9, each where there are samples enough for it. */
static void print_tails(const struct table *t, uint32_t cell, const struct label *label,
                        bool own_line)
{
	static const enum summary_tail tails[] = {SUMMARY_P99, SUMMARY_P999};
	struct table_figures f = {.unit = ""};
	char name[16];

	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		if (!table_figures_tail(t->summary, &t->columns, cell, tails[i], &f))
			continue;
		snprintf(name, sizeof(name), "  %s", summary_row_tail_name(tails[i]));
		print_more(t, label, name, &f, own_line);
		print_disturbances(t, cell, tails[i]);
	}
}

/* ", each timed alone", ", in batches of 300 to 2000": how the operations of some cells were timed.
 */
static const char *timing_text(const struct table *t, size_t first, size_t count, char text[80])
{
	double least = INFINITY, most = 0;
	bool alone = false;

	text[0] = '\0';
	for (size_t i = 0; i < t->summary->count; i++) {
		const struct summary_row *row = &t->summary->rows[i];

		if (row->cell < first || row->cell >= first + count || isnan(row->batch))
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

static int print_kernel(struct table *t, size_t first, size_t count, struct err *e)
{
	const struct samples *s = t->summary->samples;
	const struct samples_cell *cells = s->cells;
	struct table_figures f = {.unit = ""};
	struct label label;
	char common[LABEL_TEXT], timing[80], head[LABEL_TEXT + 240];
	bool rates = cells[first].unit == UNIT_BANDWIDTH, own_line;
	int width, rc;

	t->ratio_width = find_ratio_width(t, first, count);
	label_make(&label, s, first, count);
	width = label_width(&label) + 1 + UNIT_WIDTH;
	for (size_t i = 0; i < t->columns.count; i++)
		width += column_width(t, i);
	own_line = width > TABLE_WIDTH;
	t->end = own_line ? width - label_width(&label) : width;
	label_common(&label, &cells[first], common);
	snprintf(head, sizeof(head), "%.60s: %s%s%s%s", samples_text(s, cells[first].key.kernel),
	         rates ? summary_row_rate_name(SUMMARY_STREAM) : "time of one operation",
	         timing_text(t, first, count, timing), *common ? "; " : "", common);
	putc('\n', t->out);
	notes_wrap(t->out, head, 0, 4, TABLE_WIDTH);
	print_column_heads(t, &label, own_line);
	for (size_t i = first; i < first + count; i++) {
		rc = table_figures_cell(t->summary, &t->columns, (uint32_t)i, t->options->cycles,
		                        &t->notes, &f, e);
		if (rc)
			return rc;
		label_print(&label, &cells[i], t->out);
		print_figures(t, &f, own_line);
		print_disturbances(t, (uint32_t)i, SUMMARY_P50);
		if (cells[i].single_shot)
			print_tails(t, (uint32_t)i, &label, own_line);
		if (table_figures_peak(t->summary, &t->columns, (uint32_t)i, &f)) {
			print_more(t, &label, "  of peak", &f, own_line);
			putc('\n', t->out);
		}
	}
	return 0;
}

/* A platform that was planned and has not one figure: one line a reason. */
static void print_unmeasured(struct table *t)
{
	const struct summary *summary = t->summary;
	struct notes said = {0};

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		const char *reason = samples_text(summary->samples, row->reason);
		bool column = false;
		char text[1024];
		size_t before = said.texts.count;

		for (size_t c = 0; c < t->columns.count; c++)
			column |= t->columns.column[c].platform == row->platform &&
			          t->columns.column[c].accel == row->accel;
		if (column || row->rounds || row->side)
			continue;
		snprintf(text, sizeof(text), "%s: %s: %s", target_name(row->platform),
		         summary_row_status(row), *reason ? reason : "no reason recorded");
		if (notes_add(&said, text, NULL) > (int)before) {
			if (!before)
				putc('\n', t->out);
			notes_wrap(t->out, text, 0, 4, TABLE_WIDTH);
		}
	}
	notes_free(&said);
}

static int print_page(struct table *t, struct err *e)
{
	const struct samples *s = t->summary->samples;
	int rc = find_columns(t, e);

	if (rc)
		return rc;
	find_disturbances(t);
	print_head(t);
	for (size_t i = 0, count; i < s->cell_count && t->columns.count && !rc; i += count) {
		count = label_kernel_cells(s, i);
		rc = print_kernel(t, i, count, e);
	}
	if (rc)
		return rc;
	print_unmeasured(t);
	if (t->notes.texts.count)
		putc('\n', t->out);
	notes_print(&t->notes, t->out, TABLE_WIDTH);
	return 0;
}

/* Without the blanks at the ends of lines. */
static void put_trimmed(FILE *out, const char *page)
{
	for (size_t length; *page; page += length + 1) {
		int used;

		length = strcspn(page, "\n");
		used = (int)length;
		while (used && page[used - 1] == ' ')
			used--;
		fprintf(out, "%.*s\n", used, page);
	}
}

int table_print(FILE *out, const struct summary *summary, const struct table_options *options,
                struct err *e)
{
	struct table t = {.summary = summary, .options = options};
	char *page = NULL;
	size_t size;
	int rc;

	t.out = open_memstream(&page, &size);
	if (!t.out)
		return err_errno(e, "cannot print the table");
	rc = print_page(&t, e);
	if (fclose(t.out) && !rc)
		rc = err_errno(e, "cannot print the table");
	if (!rc)
		put_trimmed(out, page);
	if (!rc && ferror(out))
		rc = err_errno(e, "cannot print the table");
	free(page);
	notes_free(&t.notes);
	return rc;
}
