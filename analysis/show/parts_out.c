/* SPDX-License-Identifier: MIT */
#include "analysis/show/parts_out.h"

#include <errno.h>
#include <math.h>

#include "analysis/read/csv_out.h"
#include "analysis/show/notes.h"
#include "analysis/show/table.h"
#include "harness/result.h"

#define PART_WIDTH 18
#define FORM_WIDTH 47

const char *parts_out_form(const struct parts *parts, const struct parts_row *part,
                           char text[PARTS_OUT_TEXT])
{
	const struct samples *s = parts->summary->samples;
	const struct samples_cell_key *key = &s->cells[part->row->cell].key, *less;
	size_t used;

	used = (size_t)snprintf(text, PARTS_OUT_TEXT, "%.32s/%.32s", samples_text(s, key->kernel),
	                        samples_text(s, key->variant));
	if (!part->less)
		return text;
	less = &s->cells[part->less->cell].key;
	snprintf(text + used, PARTS_OUT_TEXT - used, " - %.32s/%.32s",
	         samples_text(s, less->kernel), samples_text(s, less->variant));
	return text;
}

const char *parts_out_interval(const struct parts_row *part, char text[PARTS_OUT_TEXT])
{
	if (isnan(part->time.ns))
		snprintf(text, PARTS_OUT_TEXT, "no time");
	else if (isnan(part->time.low))
		snprintf(text, PARTS_OUT_TEXT, "%s",
		         part->rounds == 1 ? "one round" : "no interval");
	else
		snprintf(text, PARTS_OUT_TEXT, "%.0f to %.0f", part->time.low, part->time.high);
	return text;
}

/* Were there guests, and did all of them run under TCG? */
static bool only_emulated(const struct summary *summary)
{
	bool emulated = false;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (!row->rounds || row->side || row->platform == PLATFORM_NATIVE)
			continue;
		if (row->accel != ACCEL_TCG)
			return false;
		emulated = true;
	}
	return emulated;
}

static int print_part(FILE *out, const struct parts *parts, const struct parts_row *part,
                      struct notes *notes, struct err *e)
{
	char form[PARTS_OUT_TEXT], interval[PARTS_OUT_TEXT], ns[32] = "-";
	int note = *part->note ? notes_add(notes, part->note, e) : 0;

	if (note < 0)
		return note;
	if (!isnan(part->time.ns))
		snprintf(ns, sizeof(ns), "%.0f", part->time.ns);
	fprintf(out, "%-*s %-6s %-*s %9s  %s", PART_WIDTH, part->part,
	        target_name(part->row->platform), FORM_WIDTH, parts_out_form(parts, part, form), ns,
	        parts_out_interval(part, interval));
	if (note)
		fprintf(out, " [%d]", note);
	putc('\n', out);
	return 0;
}

int parts_out_print(FILE *out, const struct parts *parts, struct err *e)
{
	struct notes notes = {0};
	int rc = 0;

	if (!parts->count) {
		if (only_emulated(parts->summary))
			fputs("\nNo parts of world switches: every guest was emulated, and parts "
			      "of "
			      "emulated times say nothing.\n",
			      out);
		return 0;
	}
	putc('\n', out);
	notes_wrap(out,
	           "World switches taken apart: nanoseconds of one operation, or of one less "
	           "another, as the mean of the rounds' medians, with the 95 % "
	           "interval.",
	           0, 0, TABLE_WIDTH);
	fprintf(out, "%-*s %-6s %-*s %9s  interval\n", PART_WIDTH, "part", "on", FORM_WIDTH,
	        "computed from", "ns");
	for (size_t i = 0; i < parts->count && !rc; i++)
		rc = print_part(out, parts, &parts->rows[i], &notes, e);
	if (!rc)
		rc = notes_print(&notes, out, TABLE_WIDTH, e);
	notes_free(&notes);
	if (rc)
		return rc;
	return ferror(out) ? err_errno(e, "cannot print the parts of world switches") : 0;
}

static void put_cell(FILE *out, const struct samples *s, const struct summary_row *row)
{
	if (!row) {
		fputs(",,", out);
		return;
	}
	putc(',', out);
	result_put_text(out, samples_text(s, s->cells[row->cell].key.kernel));
	putc(',', out);
	result_put_text(out, samples_text(s, s->cells[row->cell].key.variant));
}

int parts_out_write(const struct parts *parts, const char *path, bool force, struct err *e)
{
	const struct samples *s = parts->summary->samples;
	struct result_file file;
	int rc = result_file_replace(path, force, &file, e);

	if (rc)
		return rc;
	fputs("schema,part,platform,accel,kernel,variant,less_kernel,less_variant,rounds,ns,low,"
	      "high,what,note\n",
	      file.out);
	for (size_t i = 0; i < parts->count; i++) {
		const struct parts_row *part = &parts->rows[i];
		const double times[] = {part->time.ns, part->time.low, part->time.high};

		fprintf(file.out, "%d,", PARTS_OUT_SCHEMA);
		result_put_text(file.out, part->part);
		fprintf(file.out, ",%s,%s", target_name(part->row->platform),
		        accel_name(part->row->accel));
		put_cell(file.out, s, part->row);
		put_cell(file.out, s, part->less);
		fprintf(file.out, ",%u", part->rounds);
		for (size_t k = 0; k < sizeof(times) / sizeof(*times); k++) {
			putc(',', file.out);
			csv_out_number(file.out, times[k]);
		}
		putc(',', file.out);
		result_put_text(file.out, part->what);
		putc(',', file.out);
		result_put_text(file.out, part->note);
		putc('\n', file.out);
	}
	return result_file_end(&file, 0, e);
}
