/* SPDX-License-Identifier: MIT */
#include "analysis/show/gate_out.h"

#include <string.h>

#include "analysis/read/label.h"
#include "analysis/show/notes.h"
#include "analysis/show/table.h"

/* The first of the rows with this word, by name, and how many more there are. */
static void print_named(FILE *out, const struct gate *gate, const char *word, size_t count)
{
	const struct samples *s = gate->compare->summary->samples;
	char text[GATE_TEXT + LABEL_TEXT + 64], label[LABEL_TEXT], why[GATE_TEXT];
	size_t named = 0;

	for (size_t i = 0; i < gate->count && named < GATE_OUT_NAMED; i++) {
		const struct gate_row *row = &gate->rows[i];

		if (strcmp(gate_word(row), word) != 0)
			continue;
		gate_why(gate, row, why);
		snprintf(text, sizeof(text), "%s: %s on %s%s%s", word,
		         label_cell(s, &s->cells[row->row->cell], label),
		         target_name(row->row->platform), *why ? ": " : "", why);
		fputs("  ", out);
		notes_wrap(out, text, 2, 4, TABLE_WIDTH);
		named++;
	}
	if (count > named)
		fprintf(out, "  %s: %zu more, which are in the file of --csv\n", word,
		        count - named);
}

int gate_out_print(FILE *out, const struct gate *gate, struct err *e)
{
	char text[320];

	putc('\n', out);
	snprintf(text, sizeof(text),
	         "Gate: of %zu cells %zu slower by more than %g %%, %zu not judged, %zu passed.",
	         gate->count, gate->slower, gate->limit * 100, gate->unjudged,
	         gate->count - gate->slower - gate->unjudged);
	notes_wrap(out, text, 0, 0, TABLE_WIDTH);
	if (gate->blind) {
		snprintf(text, sizeof(text),
		         "%zu of those that passed may be slower by %g %% all the same: among so "
		         "many cells the first has to show p of at most %.2g, and their rounds are "
		         "too few, or scatter too much, for that.",
		         gate->blind, gate->limit * 200, gate->least);
		notes_wrap(out, text, 0, 0, TABLE_WIDTH);
	}
	print_named(out, gate, "slower", gate->slower);
	print_named(out, gate, "not judged", gate->unjudged);
	return ferror(out) ? err_errno(e, "cannot print what the gate found") : 0;
}
