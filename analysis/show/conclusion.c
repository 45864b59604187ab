/* SPDX-License-Identifier: MIT */
#include "analysis/show/conclusion.h"

#include <math.h>

#include "analysis/decide/reach.h"
#include "analysis/show/notes.h"
#include "analysis/show/table.h"

/* How far a ratio is from 1, as a factor of 1 or more; 1 where its interval holds 1. */
static double distance(const struct compare_kernel *k)
{
	if (!(k->low > 1 || k->high < 1) || k->verdicts[COMPARE_NONE])
		return 1;
	return k->ratio > 1 ? k->ratio : 1 / k->ratio;
}

void conclusion_make(const struct compare *c, struct conclusion *conclusion)
{
	double most = 1;

	*conclusion = (struct conclusion){
	        .reference = c->options.sides ? "before" : target_name((unsigned)c->reference)};
	for (size_t i = 0; i < c->kernel_count; i++) {
		const struct compare_kernel *k = &c->kernels[i];

		for (int v = 0; v < COMPARE_VERDICT_COUNT; v++)
			conclusion->verdicts[v] += k->verdicts[v];
		if (distance(k) > most) {
			most = distance(k);
			conclusion->farthest = k;
		}
	}
	for (int v = 0; v < COMPARE_NONE; v++)
		conclusion->judged += conclusion->verdicts[v];
	conclusion->rest = c->cell_count - conclusion->judged - conclusion->verdicts[COMPARE_NONE];
}

static void print_verdicts(FILE *out, const struct compare *c, const struct conclusion *k)
{
	char text[512], more[128] = "";

	if (k->rest)
		snprintf(more, sizeof(more), " %zu more cannot be compared.", k->rest);
	if (k->judged || !k->verdicts[COMPARE_NONE])
		snprintf(text, sizeof(text),
		         "Of %zu cells against %s %zu %s slower, %zu faster, %zu the same within "
		         "%g %%, %zu undecided.%s",
		         k->judged, k->reference, k->verdicts[COMPARE_SLOWER],
		         k->verdicts[COMPARE_SLOWER] == 1 ? "is" : "are",
		         k->verdicts[COMPARE_FASTER], k->verdicts[COMPARE_SAME],
		         c->options.margin * 100, k->verdicts[COMPARE_UNDECIDED], more);
	else
		snprintf(text, sizeof(text),
		         "No verdict is passed on any of %zu cells: they, or what they are "
		         "compared with, are emulated.%s",
		         k->verdicts[COMPARE_NONE], more);
	notes_wrap(out, text, 0, 2, TABLE_WIDTH);
	if (k->judged && k->verdicts[COMPARE_NONE])
		fprintf(out, "None is passed on %zu more, where something is emulated.\n",
		        k->verdicts[COMPARE_NONE]);
}

void conclusion_print(FILE *out, const struct compare *c)
{
	struct conclusion k;
	struct reach reach;
	char text[REACH_TEXT];

	conclusion_make(c, &k);
	fputc('\n', out);
	if (!c->cell_count) {
		fputs("Only one platform was measured: there is nothing to compare.\n", out);
		return;
	}
	print_verdicts(out, c, &k);
	reach = reach_make(c);
	if (reach.planned && *reach_text(&reach, text))
		notes_wrap(out, text, 0, 2, TABLE_WIDTH);
	if (k.farthest) {
		snprintf(text, sizeof(text),
		         "Farthest from %s: %s on %s, %.3g times as long [%.3g, %.3g] over its "
		         "cells.",
		         k.reference, samples_text(c->summary->samples, k.farthest->kernel),
		         target_name(k.farthest->platform), k.farthest->ratio, k.farthest->low,
		         k.farthest->high);
		notes_wrap(out, text, 0, 2, TABLE_WIDTH);
	}
	notes_wrap(
	        out,
	        "These are by 'sevbench compare', which sets rounds that belong together against "
	        "each other and gives each ratio an interval; a ratio of the table is that of "
	        "two medians, and may differ a little.",
	        0, 2, TABLE_WIDTH);
}
