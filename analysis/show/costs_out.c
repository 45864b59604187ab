/* SPDX-License-Identifier: MIT */
#include "analysis/show/costs_out.h"

#include <math.h>
#include <string.h>

#include "analysis/show/notes.h"
#include "analysis/show/table.h"
#include "harness/target.h"
#include "harness/text.h"

/* Numbers of operations are whole; times have three digits at least. */
static void add_number(char *text, double value)
{
	if (isinf(value))
		text_add(text, COSTS_OUT_TEXT, "no end");
	else
		text_add(text, COSTS_OUT_TEXT, "%.*f", value < 10 ? 2 : value < 100 ? 1 : 0, value);
}

const char *costs_out_value(const struct costs_row *row, char text[COSTS_OUT_TEXT])
{
	*text = '\0';
	switch (row->state) {
	case COSTS_NOT_MEASURED:
		text_add(text, COSTS_OUT_TEXT, "not measured");
		return text;
	case COSTS_EMULATED:
		text_add(text, COSTS_OUT_TEXT, "not computed (emulated)");
		return text;
	case COSTS_KNOWN:
		break;
	}
	add_number(text, row->value);
	text_add(text, COSTS_OUT_TEXT, " %s (", row->unit);
	if (isnan(row->low)) {
		text_add(text, COSTS_OUT_TEXT, "one round)");
		return text;
	}
	add_number(text, row->low);
	text_add(text, COSTS_OUT_TEXT, " to ");
	add_number(text, row->high);
	text_add(text, COSTS_OUT_TEXT, ")");
	return text;
}

static bool any_emulated(const struct costs *costs)
{
	for (size_t i = 0; i < costs->count; i++)
		if (costs->rows[i].state == COSTS_EMULATED)
			return true;
	return false;
}

int costs_out_print(FILE *out, const struct costs *costs, struct err *e)
{
	char value[COSTS_OUT_TEXT], text[512];

	if (!costs->count)
		fputs("No guest was measured: nothing is known of what operations cost there.\n",
		      out);
	if (any_emulated(costs))
		notes_wrap(out,
		           "Times of emulated guests are no cost of hardware, and nothing is "
		           "computed of them.",
		           0, 0, TABLE_WIDTH);
	for (size_t i = 0; i < costs->count; i++) {
		const struct costs_row *row = &costs->rows[i];
		bool head = !i || strcmp(row[-1].question, row->question) != 0 ||
		            strcmp(row[-1].variant, row->variant) != 0;

		if (head) {
			snprintf(text, sizeof(text), "%s, from %s/%s%s%s: %s", row->question,
			         row->kernel, row->variant, *row->params ? " " : "", row->params,
			         row->how);
			putc('\n', out);
			notes_wrap(out, text, 0, 2, TABLE_WIDTH);
		}
		fprintf(out, "  %-7s %s\n", target_name(row->platform),
		        costs_out_value(row, value));
	}
	return ferror(out) ? err_errno(e, "cannot print what operations cost") : 0;
}
