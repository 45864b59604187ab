/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_parts.h"

#include <math.h>

#include "analysis/show/html.h"
#include "analysis/show/parts_out.h"

bool report_parts_any(const struct report *r)
{
	return r->parts->count > 0;
}

int report_parts(const struct report *r, FILE *out, struct err *e)
{
	const struct parts *parts = r->parts;
	char text[PARTS_OUT_TEXT];

	(void)e;
	fputs("<p>Nanoseconds of one "
	      "operation, or of one "
	      "less "
	      "another: the mean of the rounds&rsquo; medians. Which operation shows what in which "
	      "mode stands in analysis/reference.</p>\n",
	      out);
	html_table(out, "A row a part and platform",
	           "part|on|computed from|ns|95 % interval|what|note");
	for (size_t i = 0; i < parts->count; i++) {
		const struct parts_row *part = &parts->rows[i];

		fputs("<tr>", out);
		html_cell(out, part->part);
		html_cell(out, target_name(part->row->platform));
		html_cell(out, parts_out_form(parts, part, text));
		snprintf(text, sizeof(text), isnan(part->time.ns) ? "-" : "%.0f", part->time.ns);
		html_number(out, part->time.ns, text);
		html_number(out, part->time.low, parts_out_interval(part, text));
		html_cell(out, part->what);
		html_cell(out, part->note);
		fputs("</tr>\n", out);
	}
	html_table_end(out);
	return 0;
}
