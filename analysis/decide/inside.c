/* SPDX-License-Identifier: MIT */
#include "analysis/decide/inside.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/rounds.h"
#include "harness/text.h"

static bool backed_by(const struct samples *s, const struct summary_row *row,
                      enum mem_backing backing)
{
	return !strcmp(samples_text(s, s->cells[row->cell].key.backing), mem_backing_name(backing));
}

/* The same cell in the same guests, on the other kind of memory; NULL when it was not measured. */
static const struct summary_row *partner_of(const struct summary *summary,
                                            const struct summary_row *shared,
                                            enum mem_backing backing)
{
	const struct samples *s = summary->samples;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		struct samples_cell_key key = s->cells[row->cell].key;

		key.backing = s->cells[shared->cell].key.backing;
		if (row->platform == shared->platform && row->accel == shared->accel &&
		    row->side == shared->side && row->rounds && backed_by(s, row, backing) &&
		    !memcmp(&key, &s->cells[shared->cell].key, sizeof(key)))
			return row;
	}
	return NULL;
}

static bool resolved(const struct rounds *rounds)
{
	for (size_t i = 0; i < rounds->count; i++)
		if (!isfinite(rounds->a[i].log) || !isfinite(rounds->b[i].log))
			return false;
	return rounds->count > 0;
}

/* b / a is what is estimated: shared is a, private is b. */
static int take_estimate(const struct rounds *rounds, struct inside_row *row)
{
	struct estimate estimate =
	        estimate_log_ratio(rounds->a, rounds->count, rounds->b, rounds->count, true);
	double *logs = calloc(rounds->count, sizeof(*logs));

	if (!logs)
		return -ENOMEM;
	row->ratio = estimate_ratio(estimate.value);
	row->modes = modes_of_ratio(rounds->a, rounds->count, rounds->b, rounds->count, true, logs);
	if (!row->modes.of || row->modes.apart)
		row->p = estimate_p(&estimate, 0);
	if (!row->modes.of)
		estimate_ratio_interval(&estimate, COMPARE_LEVEL, &row->low, &row->high);
	free(logs);
	return 0;
}

static int add_row(struct inside *inside, const struct summary_row *shared, struct err *e)
{
	const struct summary *summary = inside->summary;
	struct inside_row row = {
	        .shared = shared,
	        .control = sev_traits(target_platform(shared->platform))->memory_plain,
	        .ratio = NAN,
	        .low = NAN,
	        .high = NAN,
	        .p = NAN,
	        .q = NAN};
	struct rounds rounds;
	int rc;

	/* Nothing is encrypted there, and the paths of emulated memory are not even. */
	row.emulated = !row.control && shared->accel == ACCEL_TCG;
	row.private = partner_of(summary, shared, MEM_TWIN);
	if (!row.private)
		row.private = partner_of(summary, shared, MEM_PRIVATE);
	if (!row.private)
		return 0;
	rc = rounds_load(summary->samples, shared, row.private, &rounds, e);
	if (rc)
		return rc;
	row.rounds = (unsigned)rounds.count;
	if (resolved(&rounds) && !summary_row_loops_apart(shared, row.private) &&
	    take_estimate(&rounds, &row))
		rc = err_set(e, ENOMEM, "no memory for the rounds of two cells");
	rounds_free(&rounds);
	if (rc)
		return rc;
	inside->rows[inside->count++] = row;
	return 0;
}

static bool within(const struct inside *inside, const struct inside_row *row)
{
	return row->low >= 1 / (1 + inside->margin) && row->high <= 1 + inside->margin;
}

/* Over all rows but those that are equal: as in compare. */
static int correct(struct inside *inside, struct err *e)
{
	double *p = calloc(2 * inside->count + 1, sizeof(*p)), *q;
	int rc;

	if (!p)
		return err_set(e, ENOMEM, "no memory to correct %zu rows", inside->count);
	q = p + inside->count;
	for (size_t i = 0; i < inside->count; i++) {
		const struct inside_row *row = &inside->rows[i];

		p[i] = row->emulated || within(inside, row) ? NAN : row->p;
	}
	rc = estimate_adjust(p, q, inside->count, e);
	for (size_t i = 0; i < inside->count && !rc; i++)
		inside->rows[i].q = q[i];
	free(p);
	return rc;
}

int inside_make(const struct summary *summary, const struct compare_options *options,
                struct inside *inside, struct err *e)
{
	int rc = 0;

	*inside = (struct inside){.summary = summary, .margin = options->margin};
	inside->rows = calloc(summary->count + 1, sizeof(*inside->rows));
	if (!inside->rows)
		return err_set(e, ENOMEM, "no memory to compare private with shared memory");
	for (size_t i = 0; i < summary->count && !rc; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (row->rounds && !row->side && backed_by(summary->samples, row, MEM_SHARED))
			rc = add_row(inside, row, e);
	}
	if (!rc)
		rc = correct(inside, e);
	if (rc)
		inside_free(inside);
	return rc;
}

void inside_free(struct inside *inside)
{
	free(inside->rows);
	inside->rows = NULL;
	inside->count = 0;
}

const char *inside_verdict(const struct inside *inside, const struct inside_row *row)
{
	double most = 1 + inside->margin;

	if (row->emulated)
		return "none";
	if (within(inside, row))
		return row->control ? "equal" : "same";
	if (!(row->q <= 1 - COMPARE_LEVEL))
		return "undecided";
	if (!row->control)
		return row->ratio > 1 ? "slower" : "faster";
	return row->ratio > most || row->ratio < 1 / most ? "DIFFERS" : "undecided";
}

const char *inside_note(const struct inside *inside, const struct inside_row *row,
                        char text[INSIDE_NOTE])
{
	const char *verdict = inside_verdict(inside, row);
	bool both = row->modes.of == MODES_OF_BOTH;

	text[0] = '\0';
	if (!row->rounds)
		snprintf(text, INSIDE_NOTE, "no round has both kinds of memory");
	else if (summary_row_loops_apart(row->shared, row->private))
		snprintf(text, INSIDE_NOTE,
		         "not comparable: the empty loop is taken off in some rounds alone");
	else if (isnan(row->ratio))
		snprintf(text, INSIDE_NOTE,
		         "not resolved: a round takes no longer than the empty loop, or no clock "
		         "advanced");
	else if (row->modes.of)
		modes_text(&row->modes,
		           both                          ? ""
		           : row->modes.of == MODES_OF_A ? " on shared memory"
		                                         : " on private memory",
		           both ? "" : " ns", text);
	else if (isnan(row->low))
		snprintf(text, INSIDE_NOTE, "%s",
		         row->rounds == 1 ? "one round carries no interval"
		                          : "no interval: the rounds are all the same");
	if (row->modes.of && row->q <= 1 - COMPARE_LEVEL)
		text_add(text, INSIDE_NOTE, "; %s all the same", verdict);
	return text;
}
