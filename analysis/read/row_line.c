/* SPDX-License-Identifier: MIT */
#include "analysis/read/row_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void on_field(void *text, size_t size, void *context)
{
	struct row_line *l = context;

	if (l->count < ROW_COLUMNS_MAX) {
		l->at[l->count] = l->fill;
		l->size[l->count] = size;
		memcpy(l->text + l->fill, text, size);
		l->text[l->fill + size] = '\0';
		l->fill += size + 1;
	}
	l->count++;
}

static void on_row(int terminator, void *context)
{
	struct row_line *l = context;

	(void)terminator;
	l->rows++;
}

static int cut(struct row_line *l, struct csv_parser *csv, const char *line, size_t length,
               struct err *e)
{
	if (csv_parse(csv, line, length, on_field, on_row, l) != length ||
	    csv_fini(csv, on_field, on_row, l))
		return csv_error(csv) == CSV_ENOMEM
		               ? err_set(e, ENOMEM, "no memory for a row")
		               : err_set(e, EINVAL,
		                         "a quote that does not belong there, or is not closed");
	if (l->rows != 1)
		return err_set(e, EINVAL, "a carriage return in the middle of a row");
	if (l->count > ROW_COLUMNS_MAX)
		return err_set(e, EINVAL, "%u fields", l->count);
	return 0;
}

int row_line_cut(struct row_line *l, const char *line, size_t length, struct err *e)
{
	/* A field is at least its separator long. */
	char *text = realloc(l->text, 2 * length + 2);
	struct csv_parser csv;
	int rc;

	if (!text || csv_init(&csv, ROW_LINE_CSV)) {
		l->text = text ? text : l->text;
		return err_set(e, ENOMEM, "no memory for a row");
	}
	l->text = text;
	l->fill = 0;
	l->count = l->rows = 0;
	rc = cut(l, &csv, line, length, e);
	csv_free(&csv);
	return rc;
}

char *row_line_field(const struct row_line *l, unsigned index)
{
	return l->text + l->at[index];
}

void row_line_free(struct row_line *l)
{
	free(l->text);
	*l = (struct row_line){0};
}
