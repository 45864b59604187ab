/* SPDX-License-Identifier: MIT */
#include "analysis/decide/disturbance.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/text.h"
#include "harness/units.h"

/* One in how many samples has to be hit: (1 + q) / (1 - q), in round figures; 0: not shown. */
static const double one_in[SUMMARY_TAIL_COUNT] = {
        [SUMMARY_P50] = 3,
        [SUMMARY_P99] = 200,
        [SUMMARY_P999] = 2000,
};

/* Comparisons with NaN are false: what is not known is not said. */
static bool can_move(double count, double samples, enum summary_tail figure)
{
	return count > 0 && count * one_in[figure] >= samples;
}

/* " 6i/12" behind `text`, where `figure` is the first that so many can have moved. */
static void add_count(const struct summary_row *row, enum summary_tail figure, double count,
                      char letter, char text[DISTURBANCE_TEXT])
{
	double samples = (double)row->samples;

	if (!can_move(count, samples, figure) ||
	    (figure > SUMMARY_P50 && can_move(count, samples, SUMMARY_P50)) ||
	    (figure > SUMMARY_P99 && can_move(count, samples, SUMMARY_P99)))
		return;
	text_add(text, DISTURBANCE_TEXT, " %.0f%c/%.0f", count, letter, samples);
}

const char *disturbance_text(const struct summary_row *row, enum summary_tail figure,
                             char text[DISTURBANCE_TEXT])
{
	char steal[UNITS_TEXT], sampled[UNITS_TEXT];

	text[0] = '\0';
	if (one_in[figure] == 0 || (figure != SUMMARY_P50 && isnan(row->tail_ns[figure])))
		return text;
	if (figure == SUMMARY_P50 && row->steal_ns > 0 &&
	    row->steal_ns >= DISTURBANCE_STOLEN * row->sampled_ns)
		snprintf(text, DISTURBANCE_TEXT, " %s/%s stolen", units_ns(row->steal_ns, steal),
		         units_ns(row->sampled_ns, sampled));
	add_count(row, figure, row->involuntary, 'i', text);
	add_count(row, figure, row->migrations, 'm', text);
	return *text ? text + 1 : text;
}
