/* SPDX-License-Identifier: MIT */
#include "analysis/decide/compare.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/compare_work.h"
#include "analysis/decide/estimate.h"
#include "harness/text.h"

const char *compare_verdict_name(enum compare_verdict verdict)
{
	static const char *const names[COMPARE_VERDICT_COUNT] = {
	        [COMPARE_SAME] = "same",     [COMPARE_SLOWER] = "slower",
	        [COMPARE_FASTER] = "faster", [COMPARE_UNDECIDED] = "undecided",
	        [COMPARE_NONE] = "none",
	};

	return names[verdict];
}

static bool emulated(const struct compare_cell *cell)
{
	return cell->row->accel == ACCEL_TCG ||
	       (cell->reference && cell->reference->accel == ACCEL_TCG);
}

static bool same(const struct compare_cell *cell, double margin)
{
	return cell->low >= 1 / (1 + margin) && cell->high <= 1 + margin;
}

static enum compare_verdict decide(const struct compare_cell *cell, double margin)
{
	if (emulated(cell))
		return COMPARE_NONE;
	if (same(cell, margin))
		return COMPARE_SAME;
	if (cell->q <= 1 - COMPARE_LEVEL)
		return cell->ratio > 1 ? COMPARE_SLOWER : COMPARE_FASTER;
	return COMPARE_UNDECIDED;
}

/*
 * The correction is over all cells and platforms of the comparison that are not the same. Those
 * that are would lift the threshold for the rest: a tiny difference that was measured well has a
 * tiny p, and counts as a discovery that is then not called one.
 */
static int correct(struct compare *c, struct err *e)
{
	double *p = malloc((2 * c->cell_count + 1) * sizeof(*p)), *q;
	int rc;

	if (!p)
		return err_set(e, ENOMEM, "no memory to correct %zu cells", c->cell_count);
	q = p + c->cell_count;
	for (size_t i = 0; i < c->cell_count; i++) {
		if (emulated(&c->cells[i]))
			c->cells[i].p = NAN;
		p[i] = same(&c->cells[i], c->options.margin) ? NAN : c->cells[i].p;
	}
	rc = estimate_adjust(p, q, c->cell_count, e);
	for (size_t i = 0; i < c->cell_count && !rc; i++) {
		c->cells[i].q = q[i];
		c->cells[i].verdict = decide(&c->cells[i], c->options.margin);
	}
	free(p);
	return rc;
}

/* " on nosev", " on nosev before in 2 of 5 rounds". */
static void add_unresolved(char *text, size_t size, const struct summary_row *row, const char *when,
                           unsigned unresolved, unsigned rounds)
{
	text_add(text, size, " on %s%s", target_name(row->platform), when);
	if (unresolved < rounds)
		text_add(text, size, " in %u of %u rounds", unresolved, rounds);
}

/* Which side is not resolved, how often, and what it would have to be longer than. */
static int note_unresolved(struct compare *c, struct compare_cell *cell, struct err *e)
{
	const unsigned *unresolved = cell->unresolved;
	bool loop = (unresolved[0] && !isnan(cell->reference->baseline_ns)) ||
	            (unresolved[1] && !isnan(cell->row->baseline_ns));
	char text[320] = "not resolved";

	if (unresolved[0])
		add_unresolved(text, sizeof(text), cell->reference,
		               c->options.sides ? " before" : "", unresolved[0],
		               cell->reference_rounds);
	if (unresolved[0] && unresolved[1])
		text_add(text, sizeof(text), ", and");
	if (unresolved[1])
		add_unresolved(text, sizeof(text), cell->row, c->options.sides ? " now" : "",
		               unresolved[1], cell->rounds);
	text_add(text, sizeof(text), "%s",
	         loop ? ": it takes no longer than the empty loop around it"
	              : ": the clock did not advance meanwhile");
	return compare_cells_note(c, text, &cell->note, e);
}

/* Where the groups of rounds are, and how many rounds would tell how often each comes. */
static int note_modes(struct compare *c, struct compare_cell *cell, struct err *e)
{
	static const char *const when[] = {[MODES_OF_A] = " before", [MODES_OF_B] = " now"};
	const struct modes_found *found = &cell->modes;
	const struct summary_row *row = found->of == MODES_OF_A ? cell->reference : cell->row;
	char text[MODES_TEXT + 128], whose[64] = "";
	bool both = found->of == MODES_OF_BOTH;

	if (!both)
		snprintf(whose, sizeof(whose), " of %s%s", target_name(row->platform),
		         c->options.sides ? when[found->of] : "");
	modes_text(found, whose, both ? "" : " ns", text);
	if (cell->verdict == COMPARE_SLOWER || cell->verdict == COMPARE_FASTER)
		text_add(text, sizeof(text),
		         "; %s all the same: every round of one side lies beyond every round of "
		         "the other",
		         compare_verdict_name(cell->verdict));
	return compare_cells_note(c, text, &cell->note, e);
}

/* Why a cell that is compared has no ratio, or no interval. */
static int note_cell(struct compare *c, struct compare_cell *cell, struct err *e)
{
	if (*cell->note)
		return 0;
	if (cell->unresolved[0] || cell->unresolved[1])
		return note_unresolved(c, cell, e);
	if (!cell->runs && (cell->rounds < 2 || cell->reference_rounds < 2))
		cell->note = "one round carries no interval: launches differ, and one does not "
		             "show by how much";
	else if (cell->modes.of)
		return note_modes(c, cell, e);
	else if (isnan(cell->error))
		cell->note = "no interval: the rounds are all the same, to the last digit, and do "
		             "not show by how much launches differ";
	return 0;
}

/* The cells kernel by kernel, and how many each kernel has. */
static void make_order(const struct compare *c, size_t *order, size_t *sizes, size_t *next)
{
	size_t place = 0;

	for (size_t i = 0; i < c->cell_count; i++)
		sizes[c->cells[i].kernel]++;
	for (size_t k = 0; k < c->kernel_count; k++) {
		next[k] = place;
		place += sizes[k];
	}
	for (size_t i = 0; i < c->cell_count; i++)
		order[next[c->cells[i].kernel]++] = i;
}

static int estimate(struct compare *c, struct err *e)
{
	size_t *order = calloc(c->cell_count + 1, sizeof(*order));
	size_t *sizes = calloc(c->kernel_count + 1, sizeof(*sizes));
	size_t *next = calloc(c->kernel_count + 1, sizeof(*next));
	int rc;

	if (!order || !sizes || !next) {
		rc = err_set(e, ENOMEM, "no memory to compare %zu cells", c->cell_count);
	} else {
		make_order(c, order, sizes, next);
		rc = compare_work(c, order, sizes, e);
	}
	if (!rc)
		rc = correct(c, e);
	for (size_t i = 0; i < c->cell_count && !rc; i++)
		rc = note_cell(c, &c->cells[i], e);
	for (size_t i = 0; i < c->cell_count && !rc; i++) {
		struct compare_kernel *k = &c->kernels[c->cells[i].kernel];

		if (!isnan(c->cells[i].ratio))
			k->verdicts[c->cells[i].verdict]++;
		else if (!k->cells && !*k->note)
			k->note = c->cells[i].note;
	}
	free(order);
	free(sizes);
	free(next);
	return rc;
}

/* Cells that side 1 measured and side 0 did not. */
static size_t count_lost(const struct summary *summary)
{
	size_t lost = 0;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *old = &summary->rows[i], *now;

		if (!old->side || !old->rounds)
			continue;
		now = summary_find(summary, old->cell, old->platform, old->accel, 0);
		lost += !now || !now->rounds;
	}
	return lost;
}

int compare_make(const struct summary *summary, const struct compare_options *options,
                 struct compare *compare, struct err *e)
{
	bool measured = false;
	int rc;

	*compare = (struct compare){.summary = summary, .options = *options, .reference = -1};
	if (options->sides) {
		compare->lost = count_lost(summary);
	} else {
		compare->reference = options->reference < 0 ? (int)summary_reference(summary)
		                                            : options->reference;
		for (size_t i = 0; i < summary->count; i++)
			measured |= summary->rows[i].rounds &&
			            (int)summary->rows[i].platform == compare->reference;
		if (!measured && options->reference >= 0)
			return err_set(e, EINVAL, "the reference %s was not measured",
			               target_name((unsigned)options->reference));
	}
	rc = compare_cells_list(compare, e);
	if (!rc)
		rc = estimate(compare, e);
	if (rc)
		compare_free(compare);
	return rc;
}

void compare_free(struct compare *compare)
{
	free(compare->cells);
	free(compare->kernels);
	intern_free(&compare->notes);
	compare->cells = NULL;
	compare->kernels = NULL;
	compare->cell_count = compare->kernel_count = 0;
}
