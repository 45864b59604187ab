/* SPDX-License-Identifier: MIT */
#include "analysis/show/inside_out.h"

#include <math.h>
#include <string.h>

#include "analysis/read/number.h"
#include "analysis/show/notes.h"
#include "analysis/show/table.h"

#define CELL_WIDTH 38

const char *inside_out_judgement(const struct inside *inside, const struct inside_row *row,
                                 char text[INSIDE_OUT_TEXT])
{
	snprintf(text, INSIDE_OUT_TEXT, "%s%s", row->control ? "control: " : "",
	         inside_verdict(inside, row));
	return text;
}

const char *inside_out_cell(const struct samples *s, const struct samples_cell *cell,
                            char text[INSIDE_OUT_TEXT])
{
	char size[LABEL_TEXT], params[LABEL_TEXT];

	label_part_text(s, cell, LABEL_SIZE, size);
	label_part_text(s, cell, LABEL_PARAMS, params);
	snprintf(text, INSIDE_OUT_TEXT, "%.40s/%.40s %.20s %.99s",
	         samples_text(s, cell->key.kernel), samples_text(s, cell->key.variant), size,
	         params);
	return text;
}

static int print_row(FILE *out, const struct inside *inside, const struct inside_row *row,
                     struct notes *notes, struct err *e)
{
	const struct samples *s = inside->summary->samples;
	char cell[INSIDE_OUT_TEXT], judgement[INSIDE_OUT_TEXT], text[NUMBER_INTERVAL_TEXT];
	char why[INSIDE_NOTE];
	int room = 8 - (int)strlen(target_name(row->private->platform)), note = 0;

	if (*inside_note(inside, row, why))
		note = notes_add(notes, why, e);
	if (note < 0)
		return note;
	fprintf(out, "%-*.*s %s%-*s%-8s%-26s %s", CELL_WIDTH, CELL_WIDTH,
	        inside_out_cell(s, &s->cells[row->private->cell], cell),
	        target_name(row->private->platform), room > 1 ? room : 1,
	        row->private->accel == ACCEL_TCG ? "*" : "",
	        samples_text(s, s->cells[row->private->cell].key.backing),
	        isnan(row->ratio) ? "not resolved"
	                          : number_interval(row->ratio, row->low, row->high, text),
	        inside_out_judgement(inside, row, judgement));
	if (note)
		fprintf(out, " [%d]", note);
	putc('\n', out);
	return 0;
}

int inside_out_print(FILE *out, const struct inside *inside, struct err *e)
{
	struct notes notes = {0};
	int rc = 0;

	if (!inside->count)
		return 0;
	putc('\n', out);
	notes_wrap(
	        out,
	        "Encryption inside one guest: times on private memory to times on shared memory, "
	        "nothing else changed. In a plain guest this is the control, and must come out "
	        "equal, within the margin of the comparison above; verdicts are corrected over all "
	        "rows. Where guests are emulated (*) nothing is encrypted, and no verdict is "
	        "passed.",
	        0, 0, TABLE_WIDTH);
	fprintf(out, "%-*s %-8s%-8s%-26s verdict\n", CELL_WIDTH, "cell", "on", "private",
	        "private / shared");
	for (size_t i = 0; i < inside->count && !rc; i++)
		rc = print_row(out, inside, &inside->rows[i], &notes, e);
	if (!rc)
		rc = notes_print(&notes, out, TABLE_WIDTH, e);
	notes_free(&notes);
	if (rc)
		return rc;
	return ferror(out) ? err_errno(e, "cannot print private against shared memory") : 0;
}
