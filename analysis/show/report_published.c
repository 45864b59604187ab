/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_published.h"

#include <math.h>

#include "analysis/show/html.h"
#include "analysis/show/report_text.h"

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
		html_cell(out,
		          (plain && plain->accel == ACCEL_TCG) || (ours && ours->accel == ACCEL_TCG)
		                  ? "ours is emulated"
		                  : "");
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

int report_published(const struct report *r, FILE *out, struct err *e)
{
	(void)e;
	fputs("<p>What others measured, beside ours "
	      "where the same thing was measured. Machines differ: ratios compare, times do not. A "
	      "ratio is one of times, encrypted to plain.</p>\n",
	      out);
	put_figures(out, r, true, "Measured here too; sources: analysis/reference/README.md");
	fputs("<details><summary>Figures of things that are not measured here</summary>\n", out);
	put_figures(out, r, false, "For context; sources: analysis/reference/README.md");
	fputs("</details>\n", out);
	return 0;
}
