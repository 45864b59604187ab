/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_inside.h"

#include <math.h>
#include <string.h>

#include "analysis/show/html.h"
#include "analysis/show/inside_out.h"
#include "analysis/show/report_text.h"

/* A control that differs is as loud as a cell that is slower: the method does not hold there. */
static void put_judgement(FILE *out, const struct inside *inside, const struct inside_row *row)
{
	const char *verdict = inside_verdict(inside, row);
	char text[INSIDE_OUT_TEXT], note[INSIDE_NOTE];

	fprintf(out, "<td class=\"%s\"",
	        row->control && !strcmp(verdict, "DIFFERS") ? "slower"
	        : row->control                              ? "none"
	                                                    : verdict);
	if (*inside_note(inside, row, note)) {
		fputs(" title=\"", out);
		html_text(out, note);
		putc('"', out);
	}
	fprintf(out, ">%s</td>", inside_out_judgement(inside, row, text));
}

bool report_inside_any(const struct report *r)
{
	return r->inside->count > 0;
}

int report_inside(const struct report *r, FILE *out, struct err *e)
{
	const struct inside *inside = r->inside;
	const struct samples *s = inside->summary->samples;
	char text[INSIDE_OUT_TEXT];

	(void)e;
	fputs("<p>Times on private memory to "
	      "times on shared memory of the same launch, nothing else changed. <b>twin</b> is "
	      "private memory on the same kind of pages as the shared memory. In a plain "
	      "guest the row is the control of the method, and must come out equal; where a guest "
	      "is "
	      "emulated nothing is encrypted, and no verdict is passed.</p>\n",
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
	return 0;
}
