/* SPDX-License-Identifier: MIT */
#include "analysis/show/table_legend.h"

#include "analysis/decide/difference.h"
#include "analysis/decide/disturbance.h"
#include "analysis/decide/spread.h"
#include "analysis/show/notes.h"
#include "analysis/show/table_layout.h"
#include "harness/units.h"

#define TEXT(value)    TEXT_OF(value)
#define TEXT_OF(value) #value

static void say(FILE *out, const char *text)
{
	notes_wrap(out, text, 0, 0, TABLE_LAYOUT_WIDTH);
}

static bool any_disturbed(const struct summary *summary)
{
	char text[DISTURBANCE_TEXT];

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		for (int figure = 0; figure < SUMMARY_TAIL_COUNT && !row->side; figure++)
			if (*disturbance_text(row, (enum summary_tail)figure, text))
				return true;
	}
	return false;
}

static bool any_vague(const struct summary *summary)
{
	for (size_t i = 0; i < summary->count; i++)
		if (!summary->rows[i].side && spread_no_figure(&summary->rows[i]))
			return true;
	return false;
}

static bool any_single_shot(const struct summary *summary)
{
	for (size_t i = 0; i < summary->samples->cell_count; i++)
		if (summary->samples->cells[i].single_shot)
			return true;
	return false;
}

/* "the median of 2 to 3 rounds" */
static void rounds_text(const struct summary *summary, char text[64])
{
	uint32_t least = UINT32_MAX, most = 0;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (!row->rounds || row->side)
			continue;
		least = row->rounds < least ? row->rounds : least;
		most = row->rounds > most ? row->rounds : most;
	}
	if (least == most)
		snprintf(text, 64, "the median of %u round%s", most, most == 1 ? "" : "s");
	else
		snprintf(text, 64, "the median of %u to %u rounds", least, most);
}

/* What median, MAD and ratio are. */
static void say_figures(FILE *out, const struct summary *summary, const struct columns *columns)
{
	const char *reference = target_name(columns->column[0].platform);
	char text[640], rounds[64], ratios[128] = "";

	rounds_text(summary, rounds);
	if (columns->count > 1)
		snprintf(ratios, sizeof(ratios),
		         "Ratios compare times with %s: 2.00x takes twice as long.", reference);
	if (table_layout_is_wide(columns)) {
		snprintf(text, sizeof(text),
		         "Each time or rate is %s. %s MAD, the median absolute deviation of all "
		         "samples in percent of the median, stands with %s; elsewhere ~ marks one "
		         "over " TEXT(SPREAD_WIDE) "%%.",
		         rounds, ratios, reference);
	} else {
		snprintf(text, sizeof(text),
		         "Each figure is %s; MAD is the median absolute deviation of all samples, "
		         "in percent of it. %s",
		         rounds, ratios);
	}
	say(out, text);
}

static void say_percentiles(FILE *out, const struct summary *summary)
{
	char text[256], within[SUMMARY_STEP_TEXT];

	summary_step_text(summary, within);
	snprintf(text, sizeof(text),
	         "p99, p99.9: percentiles of all samples, where every operation was timed "
	         "alone%s%s.",
	         within, *within ? ", as the counter moves in such steps" : "");
	say(out, text);
}

/* What "of peak" is a part of. */
static void say_peak(FILE *out, const struct summary_peak *peak)
{
	char text[640], size[UNITS_TEXT];

	snprintf(text, sizeof(text),
	         "of peak: bytes read + written in percent of the %.1f GB/s that all channels of "
	         "the "
	         "memory move in theory (%s), where an array has at least %s for every last-level "
	         "cache that its threads may use.",
	         peak->gbps, peak->source, units_size(peak->least_size, size));
	say(out, text);
}

static void say_emulated(FILE *out, const struct columns *columns)
{
	bool emulated = false;

	for (size_t i = 0; i < columns->count; i++)
		emulated |= columns->column[i].accel == ACCEL_TCG;
	if (emulated)
		say(out, "Columns marked \"emulated\" ran under TCG, which is software: they show "
		         "that it works, and say nothing about what hardware costs.");
}

void table_legend(FILE *out, const struct summary *summary, const struct columns *columns)
{
	char difference[DIFFERENCE_TEXT], about[DIFFERENCE_ABOUT];

	if (!columns->count) {
		say(out, "Nothing was measured.");
		return;
	}
	say_figures(out, summary, columns);
	if (*difference_text(summary, difference))
		say(out, difference);
	if (*difference_about(summary, about))
		say(out, about);
	if (*summary->dear_exits)
		say(out, summary->dear_exits);
	if (*summary->host_snp)
		say(out, summary->host_snp);
	if (any_vague(summary))
		say(out, "?: measured, but no figure: the MAD is over " TEXT(
		                 SPREAD_NO_FIGURE) "%, "
		                                   "so that not even its order of magnitude is "
		                                   "known (summary.csv has both).");
	if (any_single_shot(summary))
		say_percentiles(out, summary);
	if (summary->peak.gbps > 0)
		say_peak(out, &summary->peak);
	if (any_disturbed(summary))
		say(out, table_layout_is_wide(columns)
		                 ? "! behind a figure, instead of ~: what disturbed its cell can "
		                   "have moved "
		                   "it: " DISTURBANCE_RULE "."
		                 : "Behind a line, per platform, what can have moved its "
		                   "figure: " DISTURBANCE_RULE ".");
	say_emulated(out, columns);
}
