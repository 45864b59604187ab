/* SPDX-License-Identifier: MIT */
#include "analysis/read/embedded.h"

#include <csv.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct embedded_line line;
	unsigned count;
	bool header_done;
	int (*take)(const struct embedded_line *line, void *context, struct err *e);
	void *context;
	int rc;
	struct err *e;
};

static void on_field(void *text, size_t size, void *context)
{
	struct reading *r = context;

	(void)size;
	if (r->count < EMBEDDED_FIELDS)
		snprintf(r->line.field[r->count], EMBEDDED_TEXT, "%s", (const char *)text);
	r->count++;
}

static void on_line(int terminator, void *context)
{
	struct reading *r = context;

	(void)terminator;
	if (r->header_done && !r->rc)
		r->rc = r->take(&r->line, r->context, r->e);
	r->header_done = true;
	r->count = 0;
	memset(&r->line, 0, sizeof(r->line));
}

int embedded_read(const char *begin, const char *end, const char *what,
                  int (*take)(const struct embedded_line *line, void *context, struct err *e),
                  void *context, struct err *e)
{
	struct reading *r = calloc(1, sizeof(*r));
	struct csv_parser csv;
	size_t size = (size_t)(end - begin);
	int rc;

	if (!r || csv_init(&csv, CSV_STRICT | CSV_APPEND_NULL)) {
		free(r);
		return err_set(e, ENOMEM, "no memory for %s", what);
	}
	r->take = take;
	r->context = context;
	r->e = e;
	if (csv_parse(&csv, begin, size, on_field, on_line, r) != size)
		r->rc = err_set(e, EINVAL, "%s, which are built in, are no CSV", what);
	csv_fini(&csv, on_field, on_line, r);
	csv_free(&csv);
	rc = r->rc;
	free(r);
	return rc;
}
