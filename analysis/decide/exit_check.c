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

/* Is the number of an operation outside of what is expected, with so much that may come on top? */
static bool is_off(double counted, double expected, double on_top)
{
	return counted > expected + EXIT_CHECK_SLACK + on_top ||
	       counted < expected - EXIT_CHECK_SLACK;
}

static bool sev_known(const struct summary_row *row)
{
	return !isnan(row->sev[SAMPLES_SEV_VC]) && !isnan(row->vc_expected);
}

static bool exits_known(const struct summary_row *row)
{
	return !isnan(row->exits[SAMPLES_EXITS_ALL]) && !isnan(row->exits_expected);
}

static void judge(struct summary_row *row, double operations)
{
	double marks = EXIT_CHECK_MARKS / operations, seconds = row->raw_median_ns / 1e9;
	double ticks = EXIT_CHECK_SEV_PER_SECOND * seconds;

	if (row->batch > 1) /* what is timed alone is timed many times at once by the module */
		ticks += EXIT_CHECK_SEV_BATCH / row->batch;
	if (exits_known(row))
		row->exits_wrong = is_off(own_exits(row), row->exits_expected,
		                          marks + EXIT_CHECK_PER_SECOND * seconds);
	if (sev_known(row))
		row->exits_wrong |=
		        is_off(row->sev[SAMPLES_SEV_VC], row->vc_expected, marks + ticks) ||
		        is_off(row->sev[SAMPLES_SEV_VMGEXIT], row->vmgexit_expected, marks + ticks);
	if (sev_known(row) && !isnan(row->pvalidate_expected))
		row->exits_wrong |=
		        is_off(row->sev[SAMPLES_SEV_PVALIDATE], row->pvalidate_expected,
		               marks + EXIT_CHECK_UNTIMED / operations * row->pvalidate_expected);
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
	double operations = INFINITY, *values = calloc(row->group_count, sizeof(*values));

	if (!values)
		return err_set(e, ENOMEM, "no memory for the counts of %zu rounds",
		               row->group_count);
	for (int i = 0; i < SAMPLES_EXITS_COUNT + SAMPLES_SEV_COUNT; i++) {
		size_t count = 0;

		for (size_t g = 0; g < row->group_count; g++) {
			if (isnan(counted(&groups[g], i)))
				continue;
			values[count++] = counted(&groups[g], i);
			operations = fmin(operations, (double)groups[g].iterations);
		}
		*(i < SAMPLES_EXITS_COUNT ? &row->exits[i] : &row->sev[i - SAMPLES_EXITS_COUNT]) =
		        stats_median(values, count);
	}
	if (known && (!known->emulated || row->accel == ACCEL_TCG))
		expect(row, known);
	judge(row, operations);
	free(values);
	return 0;
}

static void sev_text(const struct summary_row *row, char text[EXIT_CHECK_TEXT])
{
	char pvalidate[64] = "";

	if (!isnan(row->pvalidate_expected))
		snprintf(pvalidate, sizeof(pvalidate), " (and %.3g PVALIDATE where %.0f %s)",
		         row->sev[SAMPLES_SEV_PVALIDATE], row->pvalidate_expected,
		         row->pvalidate_expected == 1 ? "is" : "are");
	snprintf(text, EXIT_CHECK_TEXT,
	         "#VC on %s: the emulated processor counted %.3g #VC and %.3g VMGEXIT of an "
	         "operation where %.0f and %.0f are expected%s: it does not measure what it says, "
	         "or "
	         "Linux differs from that in analysis/reference/switches.csv",
	         target_name(row->platform), row->sev[SAMPLES_SEV_VC],
	         row->sev[SAMPLES_SEV_VMGEXIT], row->vc_expected, row->vmgexit_expected, pvalidate);
}

const char *exit_check_text(const struct summary_row *row, char text[EXIT_CHECK_TEXT])
{
	if (exits_known(row))
		snprintf(
		        text, EXIT_CHECK_TEXT,
		        "exits on %s: KVM counted %.3g of an operation (the host's interrupts left "
		        "out) where %.0f %s expected: it does not measure what it says, or Linux "
		        "or KVM differ from those in analysis/reference/switches.csv",
		        target_name(row->platform), own_exits(row), row->exits_expected,
		        row->exits_expected == 1 ? "is" : "are");
	else
		sev_text(row, text);
	return text;
}

const char *exit_check_word(const struct summary_row *row)
{
	if (!exits_known(row) && !sev_known(row))
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
