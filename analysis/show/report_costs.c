/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_costs.h"

#include "analysis/show/costs_out.h"
#include "analysis/show/html.h"
#include "harness/target.h"

bool report_costs_any(const struct report *r)
{
	struct costs costs;
	bool any;

	if (costs_make(r->compare->summary, &costs, NULL))
		return false;
	any = costs.count > 0;
	costs_free(&costs);
	return any;
}

static void put_row(FILE *out, const struct costs_row *row)
{
	char text[COSTS_OUT_TEXT];

	fputs("<tr>", out);
	html_cell(out, row->question);
	html_cell(out, target_name(row->platform));
	html_number(out, row->value, costs_out_value(row, text));
	snprintf(text, sizeof(text), "%s/%s%s%s", row->kernel, row->variant,
	         *row->params ? " " : "", row->params);
	html_cell(out, text);
	html_cell(out, row->how);
	fputs("</tr>\n", out);
}

int report_costs(const struct report *r, FILE *out, struct err *e)
{
	struct costs costs;
	int rc = costs_make(r->compare->summary, &costs, e);

	if (rc)
		return rc;
	fputs("<p>Computed from the cells of this run, as the mean of the rounds&rsquo; medians "
	      "with "
	      "its 95 % interval. What was not measured says so; times of emulated guests are no "
	      "cost of hardware, and nothing is computed of them.</p>\n",
	      out);
	html_table(out, "A row a question and platform", "question|on|answer|computed from|how");
	for (size_t i = 0; i < costs.count; i++)
		put_row(out, &costs.rows[i]);
	html_table_end(out);
	costs_free(&costs);
	return 0;
}
