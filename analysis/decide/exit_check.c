/* SPDX-License-Identifier: MIT */
#include "analysis/decide/exit_check.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/stats.h"
#include "harness/text.h"

#define EXIT_CHECK_ROUNDS 128

/* What was counted of an operation in one round; NaN where it was not. */
struct counts {
	double exits; /* KVM's, those for interrupts of the host left out */
	double sev[SAMPLES_SEV_COUNT];
	double operations, batch; /* of the series, of a sample */
	double seconds;           /* of an operation */
};

static double own_exits(const double exits[SAMPLES_EXITS_COUNT])
{
	double irq = exits[SAMPLES_EXITS_IRQ];

	return exits[SAMPLES_EXITS_ALL] - (isnan(irq) ? 0 : irq);
}

/* Is the number of an operation outside of what is expected, with so much that may come on top? */
static bool is_off(double counted, double expected, double on_top)
{
	return counted > expected + EXIT_CHECK_SLACK + on_top ||
	       counted < expected - EXIT_CHECK_SLACK;
}

static bool sev_known(const struct counts *counts, const struct summary_row *row)
{
	return !isnan(counts->sev[SAMPLES_SEV_VC]) && !isnan(row->vc_expected);
}

static bool exits_known(const struct counts *counts, const struct summary_row *row)
{
	return !isnan(counts->exits) && !isnan(row->exits_expected);
}

static struct counts counts_of(const struct samples_group *group)
{
	const struct samples_series *op = &group->series[SERIES_OP];
	struct counts c = {.exits = own_exits(group->exits),
	                   .operations = (double)group->iterations,
	                   .batch = (double)group->iterations / (double)op->count};

	memcpy(c.sev, group->sev, sizeof(c.sev));
	for (uint32_t i = 0; i < op->count; i++)
		c.seconds += op->ns[i] / op->count / 1e9;
	return c;
}

/* Is what a round counted not as expected? What was not counted is not wrong. */
static bool is_wrong(const struct counts *c, const struct summary_row *row)
{
	double marks = EXIT_CHECK_MARKS / c->operations;
	double ticks = EXIT_CHECK_SEV_PER_SECOND * c->seconds;
	bool wrong = false;

	if (c->batch > 1) /* what is timed alone is timed many times at once by the module */
		ticks += EXIT_CHECK_SEV_BATCH / c->batch;
	if (exits_known(c, row))
		wrong = is_off(c->exits, row->exits_expected,
		               marks + EXIT_CHECK_PER_SECOND * c->seconds);
	if (sev_known(c, row))
		wrong |= is_off(c->sev[SAMPLES_SEV_VC], row->vc_expected, marks + ticks) ||
		         is_off(c->sev[SAMPLES_SEV_VMGEXIT], row->vmgexit_expected, marks + ticks);
	if (sev_known(c, row) && !isnan(row->pvalidate_expected))
		wrong |= is_off(c->sev[SAMPLES_SEV_PVALIDATE], row->pvalidate_expected,
		                marks + EXIT_CHECK_UNTIMED / c->operations *
		                                row->pvalidate_expected);
	return wrong;
}

static void judge(const struct samples_group *groups, struct summary_row *row)
{
	for (size_t g = 0; g < row->group_count; g++) {
		struct counts c;

		if (!samples_measured(&groups[g]))
			continue;
		c = counts_of(&groups[g]);
		if (!exits_known(&c, row) && !sev_known(&c, row))
			continue;
		row->exits_checked++;
		if (!is_wrong(&c, row))
			continue;
		if (row->exits_wrong < SUMMARY_WRONG_LISTED)
			row->exits_wrong_in[row->exits_wrong] = groups[g].key.round;
		if (!row->exits_wrong++) {
			row->wrong_exits = c.exits;
			memcpy(row->wrong_sev, c.sev, sizeof(row->wrong_sev));
		}
	}
}

/* One of what was counted in a round: first KVM's, then those of an emulated processor. */
static double counted(const struct samples_group *group, int i)
{
	if (!samples_measured(group))
		return NAN;
	return i < SAMPLES_EXITS_COUNT ? group->exits[i] : group->sev[i - SAMPLES_EXITS_COUNT];
}

static void expect(struct summary_row *row, const struct switches_row *known)
{
	enum switches_path path = known->path[target_platform(row->platform)];
	double times = known->times[target_platform(row->platform)];

	row->exits_expected = times * switches_exits(path);
	row->vc_expected = times * switches_vc(path);
	row->vmgexit_expected = times * switches_vmgexit(path);
	row->pvalidate_expected =
	        times * known->pages[target_platform(row->platform)] * switches_pvalidate(path);
}

int exit_check(const struct switches *switches, const struct samples *samples,
               struct summary_row *row, struct err *e)
{
	const struct samples_group *groups = &samples->groups[row->first_group];
	const struct samples_cell_key *key = &samples->cells[row->cell].key;
	const struct switches_row *known = switches_find(
	        switches, samples_text(samples, key->kernel), samples_text(samples, key->variant),
	        samples_text(samples, key->params), NULL);
	double *values = calloc(row->group_count, sizeof(*values));

	if (!values)
		return err_set(e, ENOMEM, "no memory for the counts of %zu rounds",
		               row->group_count);
	for (int i = 0; i < (int)SAMPLES_EXITS_COUNT + (int)SAMPLES_SEV_COUNT; i++) {
		size_t count = 0;

		for (size_t g = 0; g < row->group_count; g++)
			if (!isnan(counted(&groups[g], i)))
				values[count++] = counted(&groups[g], i);
		*(i < SAMPLES_EXITS_COUNT ? &row->exits[i] : &row->sev[i - SAMPLES_EXITS_COUNT]) =
		        stats_median(values, count);
	}
	if (known && (!known->emulated || row->accel == ACCEL_TCG))
		expect(row, known);
	judge(groups, row);
	free(values);
	return 0;
}

/*
 * ", in 1 of 5 rounds (round 3)": in which it was wrong, and how many did not count; "" of a cell
 * of one round.
 */
static const char *rounds_text(const struct summary_row *row, char text[EXIT_CHECK_ROUNDS])
{
	unsigned listed =
	        row->exits_wrong < SUMMARY_WRONG_LISTED ? row->exits_wrong : SUMMARY_WRONG_LISTED;

	text[0] = '\0';
	if (row->rounds == 1)
		return text;
	text_add(text, EXIT_CHECK_ROUNDS, ", in %u of %u rounds", row->exits_wrong, row->rounds);
	if (row->exits_wrong < row->exits_checked) {
		text_add(text, EXIT_CHECK_ROUNDS, " (round");
		for (unsigned i = 0; i < listed; i++)
			text_add(text, EXIT_CHECK_ROUNDS, "%s %u", i ? "," : "",
			         row->exits_wrong_in[i]);
		text_add(text, EXIT_CHECK_ROUNDS, "%s)",
		         listed < row->exits_wrong ? " and others" : "");
	}
	if (row->exits_checked < row->rounds)
		text_add(text, EXIT_CHECK_ROUNDS, ", %u without a count",
		         row->rounds - row->exits_checked);
	return text;
}

static void sev_text(const struct summary_row *row, char text[EXIT_CHECK_TEXT])
{
	char pvalidate[64] = "", rounds[EXIT_CHECK_ROUNDS];

	if (!isnan(row->pvalidate_expected))
		snprintf(pvalidate, sizeof(pvalidate), " (and %.3g PVALIDATE where %.0f %s)",
		         row->wrong_sev[SAMPLES_SEV_PVALIDATE], row->pvalidate_expected,
		         row->pvalidate_expected == 1 ? "is" : "are");
	snprintf(text, EXIT_CHECK_TEXT,
	         "#VC on %s: the emulated processor counted %.3g #VC and %.3g VMGEXIT of an "
	         "operation where %.0f and %.0f are expected%s%s: it does not measure what it "
	         "says, or Linux differs from that in analysis/reference/switches.csv",
	         target_name(row->platform), row->wrong_sev[SAMPLES_SEV_VC],
	         row->wrong_sev[SAMPLES_SEV_VMGEXIT], row->vc_expected, row->vmgexit_expected,
	         pvalidate, rounds_text(row, rounds));
}

const char *exit_check_text(const struct summary_row *row, char text[EXIT_CHECK_TEXT])
{
	char rounds[EXIT_CHECK_ROUNDS];

	if (isnan(row->wrong_exits)) {
		sev_text(row, text);
		return text;
	}
	snprintf(text, EXIT_CHECK_TEXT,
	         "exits on %s: KVM counted %.3g of an operation (the host's interrupts left out) "
	         "where %.0f %s expected%s: it does not measure what it says, or Linux or KVM "
	         "differ from those in analysis/reference/switches.csv",
	         target_name(row->platform), row->wrong_exits, row->exits_expected,
	         row->exits_expected == 1 ? "is" : "are", rounds_text(row, rounds));
	return text;
}

const char *exit_check_word(const struct summary_row *row)
{
	if (!row->exits_checked)
		return "";
	return row->exits_wrong ? "wrong" : "right";
}

const char *exit_check_number(const struct summary_row *row, char text[32])
{
	double exits = row->exits[SAMPLES_EXITS_ALL];

	text[0] = '\0';
	if (exits >= 999999.5)
		snprintf(text, 32, "%.0e", exits);
	else if (!isnan(exits))
		snprintf(text, 32, "%.*f", exits < 99.95 ? 2 : 0, exits);
	return text;
}
