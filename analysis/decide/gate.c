/* SPDX-License-Identifier: MIT */
#include "analysis/decide/gate.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/decide/estimate.h"

const char *gate_word(const struct gate_row *row)
{
	return row->slower ? "slower" : row->judged ? "passed" : "not judged";
}

/* Rounds without a result on either side of a cell. */
static unsigned lacking(const struct compare_cell *cell)
{
	return cell->row->failed + cell->row->skipped + cell->reference->failed +
	       cell->reference->skipped;
}

/* Rounds in which an operation of it did not leave the guest as it must. */
static unsigned wrong_rounds(const struct compare_cell *cell)
{
	return cell->row->exits_wrong + cell->reference->exits_wrong;
}

static unsigned measured(const struct compare_cell *cell)
{
	return cell->row->rounds + cell->reference->rounds;
}

/* Of what has no result now. */
static void missing_why(const struct gate *gate, const struct summary_row *row,
                        char text[GATE_TEXT])
{
	struct summary_why why;

	if (row->side)
		snprintf(text, GATE_TEXT, "lost: measured before, no result now");
	else if (summary_why(gate->compare->summary, row, &why))
		snprintf(text, GATE_TEXT, "%.300s", why.what);
}

const char *gate_why(const struct gate *gate, const struct gate_row *row, char text[GATE_TEXT])
{
	const struct compare_cell *cell = row->cell;

	text[0] = '\0';
	if (row->judged)
		return text;
	if (!cell)
		missing_why(gate, row->row, text);
	else if (cell->verdict == COMPARE_NONE)
		snprintf(text, GATE_TEXT, "emulated: its times are no cost of anything");
	else if (*cell->note)
		snprintf(text, GATE_TEXT, "%.300s", cell->note);
	else if (lacking(cell))
		snprintf(text, GATE_TEXT, "%u of %u rounds failed or were skipped", lacking(cell),
		         lacking(cell) + measured(cell));
	else if (wrong_rounds(cell))
		snprintf(text, GATE_TEXT,
		         "exits are wrong in %u of %u rounds: it does not measure what it says",
		         wrong_rounds(cell), measured(cell));
	else
		snprintf(text, GATE_TEXT,
		         "%.3g times as long, but not beyond the limit by more than its rounds "
		         "scatter",
		         cell->ratio);
	return text;
}

static void judge(const struct gate *gate, const struct compare_cell *cell, struct gate_row *row)
{
	row->slower = cell->verdict == COMPARE_SLOWER && row->q <= 1 - COMPARE_LEVEL;
	/* A note says why there is no interval, which what is faster all the same does without. */
	row->judged = row->slower ||
	              (cell->verdict != COMPARE_NONE &&
	               (cell->verdict == COMPARE_FASTER || !*cell->note) && !lacking(cell) &&
	               !wrong_rounds(cell) && cell->ratio <= 1 + gate->limit);
}

/* The q-values of "slower by more than the limit". */
static int test(struct gate *gate, size_t *family, struct err *e)
{
	double *p = calloc(2 * gate->count + 1, sizeof(*p)), *q;
	int rc;

	if (!p)
		return err_set(e, ENOMEM, "no memory to judge %zu cells", gate->count);
	q = p + gate->count;
	for (size_t i = 0; i < gate->count; i++) {
		const struct compare_cell *cell = &gate->compare->cells[i];
		struct estimate estimate = {.error = NAN};

		if (!isnan(cell->q))
			estimate = (struct estimate){.value = log(cell->ratio),
			                             .error = cell->error,
			                             .freedom = cell->freedom};
		p[i] = estimate_p_above(&estimate, log1p(gate->limit));
		if (!isnan(p[i]))
			++*family;
	}
	rc = estimate_adjust(p, q, gate->count, e);
	for (size_t i = 0; i < gate->count && !rc; i++) {
		gate->rows[i].q = q[i];
		judge(gate, &gate->compare->cells[i], &gate->rows[i]);
	}
	free(p);
	return rc;
}

/* Would the rounds of a cell let a slowdown of twice the limit pass? */
static bool blind(const struct gate *gate, const struct compare_cell *cell)
{
	double reach = gsl_cdf_tdist_Qinv(gate->least, cell->freedom) * cell->error;

	return log1p(gate->limit) + reach > log1p(2 * gate->limit);
}

/* What has no result now: lost since before, or failed in all rounds. */
static void add_missing(struct gate *gate)
{
	const struct summary *summary = gate->compare->summary;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i], *now = row;

		if (row->side && row->rounds)
			now = summary_find(summary, row->cell, row->platform, row->accel, 0);
		else if (row->side || row->rounds || !row->failed)
			continue;
		if (now == row || !now || !(now->rounds || now->failed))
			gate->rows[gate->count++] = (struct gate_row){.row = row, .q = NAN};
	}
}

int gate_make(const struct compare *compare, double limit, struct gate *gate, struct err *e)
{
	size_t family = 0;
	int rc;

	*gate = (struct gate){.compare = compare, .limit = limit};
	gate->rows = calloc(compare->cell_count + compare->summary->count + 1, sizeof(*gate->rows));
	if (!gate->rows)
		return err_set(e, ENOMEM, "no memory to judge %zu cells", compare->cell_count);
	for (size_t i = 0; i < compare->cell_count; i++)
		gate->rows[gate->count++] =
		        (struct gate_row){.cell = &compare->cells[i], .row = compare->cells[i].row};
	rc = test(gate, &family, e);
	if (rc) {
		gate_free(gate);
		return rc;
	}
	gate->least = (1 - COMPARE_LEVEL) / (double)(family ? family : 1);
	add_missing(gate);
	for (size_t i = 0; i < gate->count; i++) {
		const struct gate_row *row = &gate->rows[i];

		gate->slower += row->slower;
		gate->unjudged += !row->judged;
		gate->blind += row->judged && !row->slower && blind(gate, row->cell);
	}
	return 0;
}

void gate_free(struct gate *gate)
{
	free(gate->rows);
	*gate = (struct gate){.rows = NULL};
}
