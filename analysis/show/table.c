/* SPDX-License-Identifier: MIT */
#include "analysis/show/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/read/label.h"
#include "analysis/show/columns.h"
#include "analysis/show/notes.h"
#include "analysis/show/table_kernel.h"
#include "analysis/show/table_legend.h"

struct table {
	FILE *out;
	const struct summary *summary;
	const struct table_options *options;
	struct columns columns;
	struct notes notes;
};

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
	if (wanted != TABLE_REFERENCE_AUTO &&
	    !(t->columns.count && t->columns.column[0].platform == reference))
		return err_set(e, EINVAL, "the reference %s was not measured",
		               target_name(reference));
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

static int print_kernels(struct table *t, struct err *e)
{
	const struct samples *s = t->summary->samples;
	struct table_kernel kernel = {
	        .summary = t->summary, .columns = &t->columns, .cycles = t->options->cycles};
	int rc = 0;

	for (; kernel.first < s->cell_count && t->columns.count && !rc;
	     kernel.first += kernel.count) {
		kernel.count = label_kernel_cells(s, kernel.first);
		rc = table_kernel_print(t->out, &kernel, &t->notes, e);
	}
	return rc;
}

static int print_page(struct table *t, struct err *e)
{
	int rc = find_columns(t, e);

	if (rc)
		return rc;
	table_legend(t->out, t->summary, &t->columns);
	rc = print_kernels(t, e);
	if (rc)
		return rc;
	print_unmeasured(t);
	if (t->notes.texts.count)
		putc('\n', t->out);
	return notes_print(&t->notes, t->out, TABLE_WIDTH, e);
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
