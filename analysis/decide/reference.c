/* SPDX-License-Identifier: MIT */
#include "analysis/decide/reference.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/read/embedded.h"
#include "analysis/read/number.h"

/* The files, linked in as they are. */
extern const char _binary_analysis_reference_published_csv_start[];
extern const char _binary_analysis_reference_published_csv_end[];
extern const char _binary_analysis_reference_match_csv_start[];
extern const char _binary_analysis_reference_match_csv_end[];

/* A number with a sign, or NaN. */
static double number(const char *text)
{
	double value;
	bool minus = *text == '-';

	text += minus;
	if (!number_decimal(text, strlen(text), &value))
		return (double)NAN;
	return minus ? -value : value;
}

/* source,date,machine,quantity,variant,unit,better,plain,encrypted,mode,ratio */
static int take_figure(const struct embedded_line *line, void *context, struct err *e)
{
	struct reference *reference = context;
	struct reference_figure *figures =
	        realloc(reference->figures, (reference->count + 1) * sizeof(*figures));
	struct reference_figure *f;
	double ratio = number(line->field[10]);

	if (!figures)
		return err_set(e, ENOMEM, "no memory for the published figures");
	reference->figures = figures;
	f = &figures[reference->count++];
	*f = (struct reference_figure){.plain = number(line->field[7]),
	                               .encrypted = number(line->field[8]),
	                               .size = (double)NAN};
	f->time_ratio = strcmp(line->field[6], "higher") == 0 ? 1 / ratio : ratio;
	snprintf(f->source, sizeof(f->source), "%.95s", line->field[0]);
	snprintf(f->date, sizeof(f->date), "%.15s", line->field[1]);
	snprintf(f->machine, sizeof(f->machine), "%.95s", line->field[2]);
	snprintf(f->quantity, sizeof(f->quantity), "%.95s", line->field[3]);
	snprintf(f->variant, sizeof(f->variant), "%.95s", line->field[4]);
	snprintf(f->unit, sizeof(f->unit), "%.31s", line->field[5]);
	snprintf(f->mode, sizeof(f->mode), "%.15s", line->field[9]);
	return 0;
}

/* quantity,variant,kernel,cell_variant,size,pages */
static int take_match(const struct embedded_line *line, void *context, struct err *e)
{
	const struct reference *reference = context;

	(void)e;
	for (size_t i = 0; i < reference->count; i++) {
		struct reference_figure *f = &reference->figures[i];

		if (strcmp(f->quantity, line->field[0]) != 0 ||
		    strcmp(f->variant, line->field[1]) != 0)
			continue;
		snprintf(f->kernel, sizeof(f->kernel), "%.47s", line->field[2]);
		snprintf(f->cell_variant, sizeof(f->cell_variant), "%.47s", line->field[3]);
		f->size = number(line->field[4]);
		snprintf(f->pages, sizeof(f->pages), "%.15s", line->field[5]);
	}
	return 0;
}

int reference_load(struct reference *reference, struct err *e)
{
	int rc;

	*reference = (struct reference){0};
	rc = embedded_read(_binary_analysis_reference_published_csv_start,
	                   _binary_analysis_reference_published_csv_end, "the published figures",
	                   take_figure, reference, e);
	if (!rc)
		rc = embedded_read(_binary_analysis_reference_match_csv_start,
		                   _binary_analysis_reference_match_csv_end,
		                   "the matches of published figures", take_match, reference, e);
	if (rc)
		reference_free(reference);
	return rc;
}

void reference_free(struct reference *reference)
{
	free(reference->figures);
	*reference = (struct reference){0};
}

const struct summary_row *reference_row(const struct reference_figure *figure,
                                        const struct summary *summary, unsigned platform)
{
	const struct samples *s = summary->samples;

	for (size_t i = 0; i < summary->count && *figure->kernel; i++) {
		const struct summary_row *row = &summary->rows[i];
		const struct samples_cell_key *key = &s->cells[row->cell].key;

		if (row->platform == platform && !row->side && !isnan(row->median_ns) &&
		    !strcmp(samples_text(s, key->kernel), figure->kernel) &&
		    !strcmp(samples_text(s, key->variant), figure->cell_variant) &&
		    (isnan(figure->size) || (double)key->size == figure->size) &&
		    (!*figure->pages || !strcmp(samples_text(s, key->pages), figure->pages)))
			return row;
	}
	return NULL;
}
