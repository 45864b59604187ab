/* SPDX-License-Identifier: MIT */
#include "analysis/decide/reach.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/decide/power.h"
#include "harness/text.h"

/* Margins may be written with fewer digits than they are computed with. */
#define ROUNDING 1e-9

/* For which all rounds were made; 0: not for one and the same. */
static double planned_margin(const struct samples *s)
{
	double margin = s->source_count ? s->sources[0].margin : 0;

	for (size_t i = 0; i < s->source_count; i++)
		if (s->sources[i].margin < margin || s->sources[i].margin > margin)
			return 0;
	return margin;
}

static void count_obstacle(struct reach *reach, const char *scatter)
{
	size_t *const counts[] = {&reach->launches, &reach->rounds, &reach->samples, &reach->clock};
	static const char *const words[] = {"launches", "rounds", "samples", "clock"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		*counts[i] += !strcmp(scatter, words[i]);
	reach->no_interval += !*scatter;
}

struct reach reach_make(const struct compare *c)
{
	struct reach reach = {.margin = planned_margin(c->summary->samples)};

	reach.planned = reach.margin > 0;
	if (!reach.planned)
		reach.margin = c->options.margin;
	for (size_t i = 0; i < c->cell_count; i++) {
		const struct compare_cell *cell = &c->cells[i];

		if (cell->verdict == COMPARE_NONE || isnan(cell->ratio))
			continue;
		reach.cells++;
		if (cell->finds <= reach.margin + ROUNDING)
			reach.reached++;
		else
			count_obstacle(&reach, cell->scatter);
	}
	return reach;
}

static void add_obstacle(char *text, size_t count, const char *what, const char **between)
{
	if (!count)
		return;
	text_add(text, REACH_TEXT, "%s%s %zu", *between, what, count);
	*between = ", ";
}

const char *reach_text(const struct reach *r, char text[REACH_TEXT])
{
	const char *between = " In the way of the others: ";

	text[0] = '\0';
	if (!r->cells)
		return text;
	snprintf(
	        text, REACH_TEXT,
	        "A difference of %g %%%s would be found in %zu of %zu cells with power %g %% (of a "
	        "cell alone).",
	        r->margin * 100, r->planned ? ", for which rounds were planned," : "", r->reached,
	        r->cells, POWER_USUAL * 100);
	add_obstacle(text, r->launches, "the scatter of launches", &between);
	add_obstacle(text, r->rounds, "the scatter of rounds", &between);
	add_obstacle(text, r->samples, "the scatter of samples", &between);
	add_obstacle(text, r->clock, "the steps of the clock", &between);
	add_obstacle(text, r->no_interval, "no interval", &between);
	if (r->reached < r->cells)
		text_add(text, REACH_TEXT, ".");
	return text;
}
