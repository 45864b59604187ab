/* SPDX-License-Identifier: MIT */
#include "analysis/decide/parts.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/host_paths.h"
#include "analysis/decide/rounds.h"
#include "analysis/decide/switches.h"
#include "analysis/read/embedded.h"
#include "harness/text.h"

extern const char _binary_analysis_reference_parts_csv_start[];
extern const char _binary_analysis_reference_parts_csv_end[];

struct making {
	const struct summary *summary;
	struct parts *parts;
	struct switches switches;
};

/* The path of the table of parts: "*" is any that is known. */
static bool on_path(const struct making *m, enum platform platform, const char *kernel,
                    const char *variant, const char *wanted)
{
	const struct switches_row *known =
	        host_paths_find(m->summary, &m->switches, kernel, variant, "");
	enum switches_path path = known ? known->path[platform] : SWITCHES_UNKNOWN;

	if (!*wanted || !strcmp(wanted, "*"))
		return path != SWITCHES_UNKNOWN;
	return !strcmp(wanted, switches_path_name(path));
}

static const struct summary_row *find_row(const struct summary *summary, enum platform platform,
                                          enum accel accel, const char *kernel, const char *variant)
{
	const struct samples *s = summary->samples;
	const struct summary_row *failed = NULL;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		const struct samples_cell_key *key = &s->cells[row->cell].key;

		if (row->platform == platform && row->accel == accel && !row->side &&
		    (row->rounds || row->failed) && !strcmp(samples_text(s, key->kernel), kernel) &&
		    !strcmp(samples_text(s, key->variant), variant) &&
		    !samples_single_on_request(s, key)) {
			if (row->rounds)
				return row;
			failed = row;
		}
	}
	return failed;
}

/* "ring0_port/in_pic" */
static const char *name_of(const struct making *m, const struct summary_row *row, char text[96])
{
	const struct samples *s = m->summary->samples;
	const struct samples_cell_key *key = &s->cells[row->cell].key;

	snprintf(text, 96, "%.40s/%.40s", samples_text(s, key->kernel),
	         samples_text(s, key->variant));
	return text;
}

/* One more thing that stands against a part. */
static void add_note(struct parts_row *part, const char *text)
{
	if (*text)
		text_add(part->note, sizeof(part->note), "%s%s", *part->note ? "; " : "", text);
}

/* Of one of its cells: why it gives no time, or why not all of its rounds are in it. */
static void note_cell(const struct making *m, struct parts_row *part, const struct summary_row *row)
{
	char name[96], text[192] = "";

	name_of(m, row, name);
	if (row->exits_wrong)
		snprintf(text, sizeof(text),
		         "%s: exits are not as the part needs them in %u of %u rounds", name,
		         row->exits_wrong, row->rounds);
	else if (row->failed)
		snprintf(text, sizeof(text), "%s: %u of %u rounds failed", name, row->failed,
		         row->rounds + row->failed);
	add_note(part, text);
}

/* Rounds in which a cell takes no longer than the empty loop, or in which no clock advanced. */
static bool note_unresolved(const struct making *m, struct parts_row *part,
                            const struct summary_row *row, const struct estimate_round *rounds)
{
	unsigned unresolved = 0;
	char name[96], text[192];

	for (size_t i = 0; i < part->rounds; i++)
		if (!isfinite(rounds[i].log))
			unresolved++;
	snprintf(text, sizeof(text), "%s: not resolved in %u of %u rounds%s", name_of(m, row, name),
	         unresolved, part->rounds,
	         isnan(row->baseline_ns) ? "" : ", it takes no longer than the empty loop there");
	if (unresolved)
		add_note(part, text);
	return unresolved > 0;
}

static void note_modes(const struct making *m, struct parts_row *part,
                       const struct modes_found *found)
{
	const struct summary_row *of =
	        found->of == MODES_OF_B && part->less ? part->less : part->row;
	char text[MODES_TEXT], name[96], whose[112] = "";

	if (found->of != MODES_OF_BOTH)
		snprintf(whose, sizeof(whose), " of %s", name_of(m, of, name));
	add_note(part, modes_text(found, whose, " ns", text));
}

/* The time that its rounds give, and what is to be said of it. */
static int estimate(const struct making *m, struct parts_row *part, const struct rounds *rounds)
{
	const struct estimate_round *b = part->less ? rounds->b : NULL;
	struct estimate estimate = estimate_difference(rounds->a, b, rounds->count);
	double *logs = calloc(rounds->count, sizeof(*logs));
	struct modes_found found;

	if (!logs)
		return -ENOMEM;
	found = modes_of_difference(rounds->a, b, rounds->count, logs);
	free(logs);
	part->time.ns = estimate.value;
	if (found.of)
		note_modes(m, part, &found);
	else
		estimate_interval(&estimate, PARTS_LEVEL, &part->time.low, &part->time.high);
	if (part->time.high < 0)
		add_note(part, "less than nothing: here the one is no part of the other");
	else if (!found.of && rounds->count > 1 && isnan(part->time.low))
		add_note(part, "no interval: the rounds are all the same, to the last digit");
	return 0;
}

/* The rounds that both have, and what they say. */
static int take_rounds(const struct making *m, struct parts_row *part, struct err *e)
{
	const struct summary_row *row = part->row, *less = part->less;
	bool denied = row->exits_wrong || (less && less->exits_wrong);
	struct rounds rounds;
	int rc = rounds_load(m->summary->samples, row, less, &rounds, e);

	if (rc)
		return rc;
	part->rounds = (unsigned)rounds.count;
	note_cell(m, part, row);
	if (less)
		note_cell(m, part, less);
	denied |= note_unresolved(m, part, row, rounds.a);
	denied |= less && note_unresolved(m, part, less, rounds.b);
	if (!rounds.count && !*part->note)
		snprintf(part->note, sizeof(part->note), "no round has both");
	if (rounds.count && !denied && estimate(m, part, &rounds))
		rc = err_set(e, ENOMEM, "no memory to take world switches apart");
	rounds_free(&rounds);
	return rc;
}

/* part,path,kernel,variant,less_kernel,less_variant,less_path,what: on one platform. */
static int take_part(struct making *m, const struct embedded_line *line, enum platform platform,
                     enum accel accel, struct err *e)
{
	const char *path = line->field[1], *kernel = line->field[2], *variant = line->field[3];
	const char *less = line->field[4], *less_variant = line->field[5];
	struct parts_row part = {.row = find_row(m->summary, platform, accel, kernel, variant),
	                         .time = {NAN, NAN, NAN}};
	struct parts_row *rows;
	int rc;

	if (!part.row || !on_path(m, platform, kernel, variant, path))
		return 0;
	if (*less) {
		part.less = find_row(m->summary, platform, accel, less, less_variant);
		if (!part.less || !on_path(m, platform, less, less_variant, line->field[6]))
			return 0;
	}
	snprintf(part.part, sizeof(part.part), "%.31s", line->field[0]);
	snprintf(part.what, sizeof(part.what), "%.159s", line->field[7]);
	rc = take_rounds(m, &part, e);
	if (rc)
		return rc;
	rows = realloc(m->parts->rows, (m->parts->count + 1) * sizeof(*rows));
	if (!rows)
		return err_set(e, ENOMEM, "no memory to take world switches apart");
	m->parts->rows = rows;
	rows[m->parts->count++] = part;
	return 0;
}

static int take_line(const struct embedded_line *line, void *context, struct err *e)
{
	struct making *m = context;
	int rc = 0;

	for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END && !rc; p++)
		for (int a = 0; a < ACCEL_COUNT && !rc; a++)
			if (a != ACCEL_TCG)
				rc = take_part(m, line, (enum platform)p, (enum accel)a, e);
	return rc;
}

int parts_make(const struct summary *summary, struct parts *parts, struct err *e)
{
	struct making m = {.summary = summary, .parts = parts};
	int rc = switches_load(&m.switches, e);

	*parts = (struct parts){.summary = summary};
	if (!rc)
		rc = embedded_read(_binary_analysis_reference_parts_csv_start,
		                   _binary_analysis_reference_parts_csv_end,
		                   "the parts of world switches", take_line, &m, e);
	switches_free(&m.switches);
	if (rc)
		parts_free(parts);
	return rc;
}

void parts_free(struct parts *parts)
{
	free(parts->rows);
	parts->rows = NULL;
	parts->count = 0;
}

static bool in_ring0(const char *kernel)
{
	return !strncmp(kernel, "ring0_", 6);
}

/* How near the operation that a part is computed from is to another; 0: too far. */
static int nearness(const struct parts *parts, const struct parts_row *part, const char *kernel,
                    const char *variant)
{
	const struct samples *s = parts->summary->samples;
	const struct samples_cell_key *key = &s->cells[part->row->cell].key;
	const char *of = samples_text(s, key->kernel);

	if (!strcmp(of, kernel))
		return strcmp(samples_text(s, key->variant), variant) != 0 ? 2 : 3;
	return in_ring0(of) == in_ring0(kernel);
}

const struct parts_row *parts_find(const struct parts *parts, const char *part, unsigned platform,
                                   const char *kernel, const char *variant)
{
	const struct parts_row *found = NULL;
	int best = 0;

	for (size_t i = 0; i < parts->count; i++) {
		const struct parts_row *row = &parts->rows[i];
		int near = strcmp(row->part, part) != 0 || row->row->platform != platform
		                   ? 0
		                   : nearness(parts, row, kernel, variant);

		if (near > best) {
			best = near;
			found = row;
		}
	}
	return found;
}
