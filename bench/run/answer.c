/* SPDX-License-Identifier: MIT */
#include "bench/run/answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/utf8.h"

/* What makes a cell, and what is known of it before it runs: in every row as it was asked for. */
static const enum result_column same[] = {
        RESULT_schema,  RESULT_run,     RESULT_round,  RESULT_platform, RESULT_accel,
        RESULT_kernel,  RESULT_variant, RESULT_size,   RESULT_threads,  RESULT_pages,
        RESULT_backing, RESULT_fill,    RESULT_params, RESULT_unit,
};
/* The same, but for what did not run, which leaves them empty. */
static const enum result_column same_of_samples[] = {RESULT_single_shot, RESULT_sev_by};

/* The texts of a row that are not among them. */
static const enum result_column texts[] = {RESULT_reason, RESULT_cpus};

/* A row without a sample is all that a program writes of a cell, and has every field in question.
 */
static int expect(struct answer *a, const struct result_origin *origin, const struct cell *cell,
                  const struct sampler_plan *plan, struct err *e)
{
	const struct place nowhere = {.count = 0};
	const struct setup setup = {
	        .cell = cell, .place = &nowhere, .platform = origin->platform, .node = -1};
	const struct sampler_result result = {
	        .single_shot = cell->single || (cell->kernel->flags & KERNEL_SINGLE_SHOT),
	        .slow = plan->slow};
	char *line = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&line, &length);
	int rc;

	if (!out)
		return err_set(e, ENOMEM, "no memory for a row");
	rc = result_write_cell(out, origin, &setup, &(struct clock){0}, &result, e);
	if (fclose(out) && !rc)
		rc = err_set(e, ENOMEM, "no memory for a row");
	if (!rc)
		rc = row_line_cut(&a->expected, line, strcspn(line, "\n"), e);
	if (!rc) /* a directory's name may be none, and goes into no file so */
		utf8_clean(row_line_field(&a->expected, RESULT_run));
	free(line);
	return rc;
}

int answer_open(struct answer *a, const struct result_origin *origin, const struct cell *cell,
                const struct sampler_plan *plan, struct err *e)
{
	int rc = expect(a, origin, cell, plan, e);

	a->samples_max = plan->samples;
	if (!rc)
		rc = row_init(&a->row, &a->samples, 0, e);
	if (rc)
		return rc;
	row_begin(&a->row);
	for (int i = 0; i < RESULT_COLUMN_COUNT; i++) {
		const char *name = result_column_name((enum result_column)i);

		row_field(&a->row, name, strlen(name));
	}
	return row_header_done(&a->row, e);
}

uint64_t answer_bytes_max(const struct sampler_plan *plan)
{
	return (2 * (uint64_t)plan->samples + 3) * ANSWER_LINE_MAX;
}

static int broken(struct err *e, const struct err *why)
{
	return err_set(e, EPROTO, "a row of the results cannot be read: %s", why->text);
}

static bool is_same(const struct answer *a, enum result_column column, bool or_empty)
{
	size_t size = a->came.size[column];

	if (or_empty && !size)
		return true;
	return size == a->expected.size[column] &&
	       !memcmp(row_line_field(&a->came, column), row_line_field(&a->expected, column),
	               size);
}

static int other_cell(const struct answer *a, enum result_column column, struct err *e)
{
	return err_set(
	        e, EPROTO,
	        "a row of the results is of another cell: its %s is \"%.40s\", not \"%.60s\"",
	        result_column_name(column), row_line_field(&a->came, column),
	        row_line_field(&a->expected, column));
}

static int check_cell(const struct answer *a, struct err *e)
{
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		if (!is_same(a, same[i], false))
			return other_cell(a, same[i], e);
	for (size_t i = 0; i < sizeof(same_of_samples) / sizeof(*same_of_samples); i++)
		if (!is_same(a, same_of_samples[i], !a->row.sample.iterations))
			return other_cell(a, same_of_samples[i], e);
	return 0;
}

/* By the code that will read it again; but for what is the host's, and not in the file. */
static int read_row(struct answer *a, const char *line, size_t length, struct err *e)
{
	struct err why = {""};
	int rc = row_line_cut(&a->came, line, length, &why);

	if (rc)
		return broken(e, &why);
	utf8_clean(row_line_field(&a->came, RESULT_run)); /* its length stays */
	row_begin(&a->row);
	for (unsigned i = 0; i < a->came.count; i++)
		row_field(&a->row, i <= RESULT_sev_by ? row_line_field(&a->came, i) : "",
		          i <= RESULT_sev_by ? a->came.size[i] : 0);
	rc = row_done(&a->row, &why);
	return rc ? broken(e, &why) : 0;
}

static int check_place(struct answer *a, struct err *e)
{
	const struct samples_row *row = &a->row.sample;
	const struct samples_group *group;
	struct err why = {""};

	if (a->unrun || (!row->iterations && a->samples.group_count))
		return err_set(e, EPROTO, "a row without a sample beside other rows of its cell");
	a->unrun = !row->iterations;
	if (samples_add(&a->samples, row, &why))
		return broken(e, &why);
	group = &a->samples.groups[0];
	if (group->series[row->series].count > a->samples_max)
		return err_set(e, EPROTO, "more samples than the %u that were asked for",
		               a->samples_max);
	a->operations = group->iterations;
	a->status = group->status;
	return 0;
}

int answer_take(struct answer *a, const char *line, size_t length, struct err *e)
{
	int rc = read_row(a, line, length, e);

	if (!rc)
		rc = check_cell(a, e);
	if (!rc)
		rc = check_place(a, e);
	for (size_t i = 0; !rc && i < sizeof(texts) / sizeof(*texts); i++)
		utf8_clean(row_line_field(&a->came, texts[i]));
	return rc;
}

void answer_put(const struct answer *a, FILE *out, const char *counts, const char *host_pages)
{
	for (int i = 0; i < RESULT_sev_by; i++) {
		result_put_text(out, row_line_field(&a->came, (unsigned)i));
		putc(',', out);
	}
	fprintf(out, "%s%s,%s\n", row_line_field(&a->came, RESULT_sev_by), counts, host_pages);
}

void answer_close(struct answer *a)
{
	row_line_free(&a->expected);
	row_line_free(&a->came);
	samples_free(&a->samples);
	memset(a, 0, sizeof(*a));
}
