/* SPDX-License-Identifier: MIT */
#include "analysis/decide/summary.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/exit_check.h"

bool summary_why(const struct summary *summary, const struct summary_row *row,
                 struct summary_why *why)
{
	const char *reason = samples_text(summary->samples, row->reason);
	unsigned without = row->failed ? row->failed : row->skipped;
	char part[64] = "";

	if (row->rounds && !without)
		return false;
	if (row->rounds)
		snprintf(part, sizeof(part), " in %u of %u rounds", without,
		         row->rounds + row->failed + row->skipped);
	snprintf(why->what, sizeof(why->what), "%s: %s",
	         cell_status_name(row->failed ? CELL_FAILED : CELL_SKIPPED),
	         *reason ? reason : "no reason recorded");
	snprintf(why->place, sizeof(why->place), "%s%s", target_name(row->platform), part);
	return true;
}

unsigned summary_reference(const struct summary *summary)
{
	bool measured[TARGET_COUNT] = {false};
	bool encrypted = false;

	for (size_t i = 0; i < summary->count; i++)
		measured[summary->rows[i].platform] |= summary->rows[i].rounds > 0;
	for (unsigned i = 0; i < TARGET_COUNT; i++)
		encrypted |=
		        measured[i] && sev_traits(target_platform((unsigned)i))->memory_encrypted;
	if (encrypted && measured[PLATFORM_NOSEV])
		return PLATFORM_NOSEV;
	for (unsigned i = 0; i < TARGET_COUNT; i++)
		if (measured[i])
			return (unsigned)i;
	return PLATFORM_NATIVE;
}

const char *summary_step_text(const struct summary *summary, char text[SUMMARY_STEP_TEXT])
{
	double step = 0;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (summary->samples->cells[row->cell].single_shot)
			step = fmax(step, row->step_ns);
	}
	text[0] = '\0';
	if (step > 1)
		snprintf(text, SUMMARY_STEP_TEXT, ", within %.3g ns", step);
	return text;
}

static bool same_row(const struct samples *s, const struct samples_group *a,
                     const struct samples_group *b)
{
	return a->key.cell == b->key.cell && a->key.platform == b->key.platform &&
	       a->key.accel == b->key.accel &&
	       s->sources[a->key.source].side == s->sources[b->key.source].side;
}

/* A row for each run of groups that belong together. */
static int make_rows(const struct samples *samples, const struct switches *switches,
                     struct summary *summary, struct err *e)
{
	const struct samples_group *g = samples->groups;
	int rc = 0;

	for (size_t i = 0, count; i < samples->group_count && !rc; i += count) {
		struct summary_row *row = &summary->rows[summary->count++];

		for (count = 1; i + count < samples->group_count; count++)
			if (!same_row(samples, &g[i], &g[i + count]))
				break;
		rc = summary_row_make(samples, i, count, row, e);
		if (!rc && row->rounds)
			rc = exit_check(switches, samples, row, e);
	}
	return rc;
}

int summary_make(const struct samples *samples, struct summary *summary, struct err *e)
{
	struct switches switches;
	int rc = switches_load(&switches, e);

	if (rc)
		return rc;
	*summary = (struct summary){.samples = samples};
	summary->rows = calloc(samples->group_count + 1, sizeof(*summary->rows));
	if (summary->rows)
		rc = make_rows(samples, &switches, summary, e);
	else
		rc = err_set(e, ENOMEM, "no memory for a summary of %zu rounds",
		             samples->group_count);
	switches_free(&switches);
	if (rc)
		summary_free(summary);
	return rc;
}

void summary_free(struct summary *summary)
{
	free(summary->rows);
	free(summary->hosts);
	free(summary->libc);
	memset(summary, 0, sizeof(*summary));
}

const struct summary_row *summary_rows(const struct summary *summary, uint32_t cell, size_t *count)
{
	size_t low = 0, high = summary->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (summary->rows[middle].cell < cell)
			low = middle + 1;
		else
			high = middle;
	}
	for (*count = 0; low + *count < summary->count; ++*count)
		if (summary->rows[low + *count].cell != cell)
			break;
	return &summary->rows[low];
}

const struct summary_row *summary_find(const struct summary *summary, uint32_t cell,
                                       unsigned platform, enum accel accel, unsigned side)
{
	size_t count;
	const struct summary_row *rows = summary_rows(summary, cell, &count);

	for (size_t i = 0; i < count; i++)
		if (rows[i].platform == platform && rows[i].accel == accel && rows[i].side == side)
			return &rows[i];
	return NULL;
}
