/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_sections.h"

#include <math.h>
#include <string.h>

#include "analysis/show/html.h"
#include "analysis/show/inside_out.h"
#include "analysis/show/parts_out.h"
#include "analysis/show/report_text.h"

void report_sections_parts(FILE *out, const struct parts *parts)
{
	char text[PARTS_OUT_TEXT];

	if (!parts->count)
		return;
	fputs("<h2 id=\"switches\">World switches taken apart</h2>\n<p>Nanoseconds of one "
	      "operation, or of one "
	      "less "
	      "another: the mean of the rounds&rsquo; medians. Which operation shows what in which "
	      "mode stands in analysis/reference.</p>\n",
	      out);
	html_table(out, "A row a part and platform", "part|on|computed from|ns|95 % interval|what");
	for (size_t i = 0; i < parts->count; i++) {
		const struct parts_row *part = &parts->rows[i];

		fputs("<tr>", out);
		html_cell(out, part->part);
		html_cell(out, target_name(part->row->platform));
		html_cell(out, parts_out_form(parts, part, text));
		snprintf(text, sizeof(text), "%.0f", part->time.ns);
		html_number(out, part->time.ns, text);
		html_number(out, part->time.low, parts_out_interval(part, text));
		html_cell(out, part->what);
		fputs("</tr>\n", out);
	}
	html_table_end(out);
}

/* A control that differs is as loud as a cell that is slower: the method does not hold there. */
static void put_judgement(FILE *out, const struct inside *inside, const struct inside_row *row)
{
	const char *verdict = inside_verdict(inside, row);
	char text[INSIDE_OUT_TEXT];

	fprintf(out, "<td class=\"%s\">%s</td>",
	        row->control && !strcmp(verdict, "DIFFERS") ? "slower"
	        : row->control                              ? "none"
	                                                    : verdict,
	        inside_out_judgement(inside, row, text));
}

void report_sections_inside(FILE *out, const struct inside *inside)
{
	const struct samples *s = inside->summary->samples;
	char text[INSIDE_OUT_TEXT];

	if (!inside->count)
		return;
	fputs("<h2 id=\"inside\">Encryption inside one guest</h2>\n<p>Times on private memory to "
	      "times on shared memory of the same launch, nothing else changed. <b>twin</b> is "
	      "private memory on the same kind of pages as the shared memory. Where nothing is "
	      "encrypted the row is the control of the method, and must come out equal.</p>\n",
	      out);
	html_table(out, "A row a cell and platform",
	           "cell|on|private|private / shared|95 % interval|rounds|verdict");
	for (size_t i = 0; i < inside->count; i++) {
		const struct inside_row *row = &inside->rows[i];
		const struct samples_cell *cell = &s->cells[row->private->cell];

		fputs("<tr>", out);
		html_cell(out, inside_out_cell(s, cell, text));
		html_cell(out,
		          report_text_platform(row->private->platform, row->private->accel, text));
		html_cell(out, samples_text(s, cell->key.backing));
		html_number(out, row->ratio,
		            isnan(row->ratio) ? "not resolved"
		                              : report_text_ratio(row->ratio, text));
		html_number(out, row->low, report_text_interval(row->low, row->high, text));
		snprintf(text, sizeof(text), "%u", row->rounds);
		html_number(out, row->rounds, text);
		put_judgement(out, inside, row);
		fputs("</tr>\n", out);
	}
	html_table_end(out);
}

static void put_figure(FILE *out, const struct summary *summary, const struct reference_figure *f)
{
	const struct summary_row *plain = reference_row(f, summary, PLATFORM_NOSEV), *ours = NULL;
	enum platform mode;
	char text[256], value[64];

	if (!platform_parse(f->mode, &mode, NULL))
		ours = reference_row(f, summary, mode);
	fputs("<tr>", out);
	snprintf(text, sizeof(text), "%s%s%s", f->quantity, *f->variant ? ", " : "", f->variant);
	html_cell(out, text);
	html_cell(out, f->mode);
	for (int side = 0; side < 2; side++) {
		double figure = side ? f->encrypted : f->plain;

		snprintf(text, sizeof(text), "%g %s", figure, f->unit);
		html_number(out, figure, isnan(figure) ? "" : text);
	}
	html_number(out, f->time_ratio, report_text_ratio(f->time_ratio, value));
	if (*f->kernel) {
		html_number(out, plain ? plain->median_ns : NAN,
		            plain ? report_text_value(summary, plain, value) : "");
		html_number(out, ours ? ours->median_ns : NAN,
		            ours ? report_text_value(summary, ours, value) : "");
		html_number(out, plain && ours ? ours->median_ns / plain->median_ns : NAN,
		            plain && ours
		                    ? report_text_ratio(ours->median_ns / plain->median_ns, value)
		                    : "");
		html_cell(out, plain && plain->accel == ACCEL_TCG ? "ours is emulated" : "");
	}
	snprintf(text, sizeof(text), "%s, %s", f->machine, f->date);
	html_cell(out, text);
	html_cell(out, f->source);
	fputs("</tr>\n", out);
}

static void put_figures(FILE *out, const struct report *r, bool matched, const char *caption)
{
	html_table(out, caption,
	           matched ? "quantity|mode|plain|encrypted|ratio|our nosev|ours encrypted|our "
	                     "ratio|note|machine|source"
	                   : "quantity|mode|plain|encrypted|ratio|machine|source");
	for (size_t i = 0; i < r->reference->count; i++) {
		const struct reference_figure *f = &r->reference->figures[i];

		if ((*f->kernel != '\0') == matched)
			put_figure(out, r->compare->summary, f);
	}
	html_table_end(out);
}

void report_sections_published(FILE *out, const struct report *r)
{
	fputs("<h2 id=\"published\">Published figures</h2>\n<p>What others measured, beside ours "
	      "where the same thing was measured. Machines differ: ratios compare, times do not. A "
	      "ratio is one of times, encrypted to plain.</p>\n",
	      out);
	put_figures(out, r, true, "Measured here too; sources: analysis/reference/README.md");
	fputs("<details><summary>Figures of things that are not measured here</summary>\n", out);
	put_figures(out, r, false, "For context; sources: analysis/reference/README.md");
	fputs("</details>\n", out);
}
