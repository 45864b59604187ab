/* SPDX-License-Identifier: MIT */
#include "analysis/decide/exit_check.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/decide/stats.h"

/* Exits of an operation, those for interrupts of the host left out. */
static double own_exits(const struct summary_row *row)
{
	double irq = row->exits[SAMPLES_EXITS_IRQ];

	return row->exits[SAMPLES_EXITS_ALL] - (isnan(irq) ? 0 : irq);
}

static void judge(struct summary_row *row, double operations)
{
	double own = own_exits(row), most = row->exits_expected + EXIT_CHECK_SLACK;

	if (isnan(own) || isnan(row->exits_expected))
		return;
	most += EXIT_CHECK_MARKS / operations + EXIT_CHECK_PER_SECOND * row->raw_median_ns / 1e9;
	row->exits_wrong = own > most || own < row->exits_expected - EXIT_CHECK_SLACK;
}

int exit_check(const struct switches *switches, const struct samples *samples,
               struct summary_row *row, struct err *e)
{
	const struct samples_group *groups = &samples->groups[row->first_group];
	const struct samples_cell_key *key = &samples->cells[row->cell].key;
	const struct switches_row *known = switches_find(
	        switches, samples_text(samples, key->kernel), samples_text(samples, key->variant));
	double operations = INFINITY, *values = calloc(row->group_count, sizeof(*values));

	if (!values)
		return err_set(e, ENOMEM, "no memory for the exits of %zu rounds",
		               row->group_count);
	for (int i = 0; i < SAMPLES_EXITS_COUNT; i++) {
		size_t count = 0;

		for (size_t g = 0; g < row->group_count; g++) {
			if (!samples_measured(&groups[g]) || isnan(groups[g].exits[i]))
				continue;
			values[count++] = groups[g].exits[i];
			operations = fmin(operations, (double)groups[g].iterations);
		}
		row->exits[i] = stats_median(values, count);
	}
	row->exits_expected =
	        known ? switches_exits(known->path[target_platform(row->platform)]) : NAN;
	judge(row, operations);
	free(values);
	return 0;
}

const char *exit_check_text(const struct summary_row *row, char text[EXIT_CHECK_TEXT])
{
	snprintf(text, EXIT_CHECK_TEXT,
	         "exits on %s: KVM counted %.3g of an operation (the host's interrupts left out) "
	         "where %.0f %s expected: it does not measure what it says, or Linux or KVM differ "
	         "from those in analysis/reference/switches.csv",
	         target_name(row->platform), own_exits(row), row->exits_expected,
	         row->exits_expected == 1 ? "is" : "are");
	return text;
}

const char *exit_check_word(const struct summary_row *row)
{
	if (isnan(row->exits[SAMPLES_EXITS_ALL]) || isnan(row->exits_expected))
		return "";
	return row->exits_wrong ? "wrong" : "right";
}

const char *exit_check_number(const struct summary_row *row, char text[32])
{
	double exits = row->exits[SAMPLES_EXITS_ALL];

	text[0] = '\0';
	if (!isnan(exits))
		snprintf(text, 32, "%.*f", exits < 99.95 ? 2 : 0, exits);
	return text;
}
