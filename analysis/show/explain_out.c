/* SPDX-License-Identifier: MIT */
#include "analysis/show/explain_out.h"

#include <math.h>
#include <string.h>

#include "analysis/decide/host_paths.h"
#include "analysis/show/notes.h"
#include "analysis/show/parts_out.h"
#include "analysis/show/table.h"
#include "harness/text.h"

#define INDENT 6

/* The row of the operation itself on a platform, whose size says nothing; NULL: not there. */
static const struct summary_row *find_whole(const struct explain *x, unsigned platform)
{
	const struct summary *summary = x->parts->summary;
	const struct samples *s = summary->samples;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		const struct samples_cell_key *key = &s->cells[row->cell].key;

		if (row->platform == platform && !row->side && row->rounds && !key->size &&
		    !strcmp(samples_text(s, key->kernel), x->kernel) &&
		    !strcmp(samples_text(s, key->variant), x->variant) &&
		    (!*x->params || !strcmp(samples_text(s, key->params), x->params)) &&
		    !samples_single_on_request(s, key))
			return row;
	}
	return NULL;
}

/* Did that platform run, and under TCG alone? */
static bool is_emulated(const struct explain *x, unsigned platform)
{
	const struct summary *summary = x->parts->summary;
	bool emulated = false;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (row->platform != platform || row->side || !row->rounds)
			continue;
		if (row->accel != ACCEL_TCG)
			return false;
		emulated = true;
	}
	return emulated;
}

const char *explain_out_part(const struct explain *x, const char *part, unsigned platform,
                             char text[256])
{
	char form[PARTS_OUT_TEXT], interval[PARTS_OUT_TEXT];
	const struct parts_row *row =
	        x->parts ? parts_find(x->parts, part, platform, x->kernel, x->variant) : NULL;

	if (row)
		snprintf(text, 256, "%.0f ns (%s), from %s", row->time.ns,
		         parts_out_interval(row, interval), parts_out_form(x->parts, row, form));
	else if (!x->parts)
		snprintf(text, 256, "not measured: no run is named");
	else if (is_emulated(x, platform))
		snprintf(text, 256,
		         "not measured (emulated): times of such a guest are no cost of "
		         "hardware");
	else
		snprintf(text, 256, "not measured: nothing that the run measured shows it");
	return text;
}

static void print_line(FILE *out, const char *name, const char *text)
{
	notes_wrap(out, text, fprintf(out, "%*s%-7s ", INDENT, "", name), INDENT + 10, TABLE_WIDTH);
}

static void print_leg(FILE *out, size_t number, const struct leg *leg)
{
	char text[512] = "";

	text_add(text, sizeof(text), "%s", legs_place_name(leg->from));
	if (leg->to != leg->from)
		text_add(text, sizeof(text), " to %s", legs_place_name(leg->to));
	text_add(text, sizeof(text), ": %s [", leg->name);
	for (size_t i = 0; i < LEGS_PARTS && *leg->parts[i]; i++)
		text_add(text, sizeof(text), "%s%s", i ? "; " : "", leg->parts[i]);
	text_add(text, sizeof(text), "%s]", *leg->parts[0] ? "" : "in no part: not measured");
	notes_wrap(out, text, fprintf(out, "%4zu  ", number), INDENT, TABLE_WIDTH);
	snprintf(text, sizeof(text), "%s%s%s%s", leg->what, *leg->source ? " (" : "", leg->source,
	         *leg->source ? ")" : "");
	notes_wrap(out, text, fprintf(out, "%*s", INDENT, ""), INDENT, TABLE_WIDTH);
}

/* "legs 1, 2 and 5", "legs 1 to 7" */
static void put_numbers(const struct way *way, const char *part, char *text, size_t size)
{
	size_t left = 0, first, begin = way->count, end = 0;

	for (size_t i = 0; i < way->count; i++) {
		if (!legs_in(&way->legs[i], part))
			continue;
		begin = left++ ? begin : i;
		end = i;
	}
	if (left > 2 && left == end - begin + 1) {
		text_add(text, size, "legs %zu to %zu", begin + 1, end + 1);
		return;
	}
	first = left;
	text_add(text, size, left == 1 ? "leg" : "legs");
	for (size_t i = 0; i < way->count; i++) {
		if (!legs_in(&way->legs[i], part))
			continue;
		text_add(text, size, "%s%zu",
		         left == first ? " "
		         : left == 1   ? " and "
		                       : ", ",
		         i + 1);
		left--;
	}
}

/* The platforms whose way this is. */
struct group {
	unsigned platforms[PLATFORM_COUNT], count;
};

static void print_parts(FILE *out, const struct explain *x, const struct way *way,
                        const struct group *group)
{
	const char *parts[LEGS_MOST];
	size_t count = legs_parts(way, parts);

	for (size_t i = 0; i < count; i++) {
		char text[256] = "";

		put_numbers(way, parts[i], text, sizeof(text));
		fprintf(out, "  %s, %s:\n", parts[i], text);
		for (unsigned k = 0; k < group->count; k++)
			print_line(out, target_name(group->platforms[k]),
			           explain_out_part(x, parts[i], group->platforms[k], text));
	}
}

/* What the run shows of the operation itself, marked where it was emulated. */
static void print_whole(FILE *out, const struct explain *x, const struct group *group)
{
	fputs("  all of it:\n", out);
	for (unsigned k = 0; k < group->count; k++) {
		const struct summary_row *row = find_whole(x, group->platforms[k]);
		char text[256] = "not measured";

		if (row && !isnan(row->median_ns))
			snprintf(text, sizeof(text), "%.0f ns%s, the median of %u round%s",
			         row->median_ns,
			         row->accel == ACCEL_TCG ? " (emulated: no cost of hardware)" : "",
			         row->rounds, row->rounds == 1 ? "" : "s");
		if (row && !isnan(row->exits[SAMPLES_EXITS_ALL]))
			text_add(text, sizeof(text), "; KVM counted %.2f exits",
			         row->exits[SAMPLES_EXITS_ALL]);
		if (row && !isnan(row->sev[SAMPLES_SEV_VC]))
			text_add(text, sizeof(text),
			         "; the emulated processor counted %.2f #VC and %.2f VMGEXIT",
			         row->sev[SAMPLES_SEV_VC], row->sev[SAMPLES_SEV_VMGEXIT]);
		print_line(out, target_name(group->platforms[k]), text);
	}
}

static void print_group(FILE *out, const struct explain *x, const struct switches_row *row,
                        const struct group *group)
{
	enum switches_path path = row->path[group->platforms[0]];
	unsigned times = row->times[group->platforms[0]], pages = row->pages[group->platforms[0]];
	struct way way;

	fputs("\nOn ", out);
	for (unsigned k = 0; k < group->count; k++)
		fprintf(out, "%s%s",
		        !k                      ? ""
		        : k + 1 == group->count ? " and "
		                                : ", ",
		        target_name(group->platforms[k]));
	fprintf(out, ": %s", switches_path_name(path));
	if (times > 1)
		fprintf(out, ", %u times", times);
	if (pages > 1)
		fprintf(out, ", with %u PVALIDATE each", pages);
	fputs("\n", out);
	legs_way(x->legs, path, x->kernel, &way);
	for (size_t i = 0; i < way.count; i++)
		print_leg(out, i + 1, &way.legs[i]);
	print_parts(out, x, &way, group);
	if (x->parts)
		print_whole(out, x, group);
}

static bool same_way(const struct switches_row *row, unsigned a, unsigned b)
{
	return row->path[a] == row->path[b] && row->times[a] == row->times[b];
}

static void print_row(FILE *out, const struct explain *x, const struct switches_row *row)
{
	char text[512] = "";

	if (*row->host)
		fprintf(out, "\nWhere the host runs %s:\n", row->host);
	for (unsigned p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++) {
		struct group group = {.count = 0};
		bool first = true;

		for (unsigned q = PLATFORM_NOSEV; q < PLATFORM_LAUNCH_END; q++) {
			if (!same_way(row, p, q))
				continue;
			first &= q >= p;
			group.platforms[group.count++] = q;
		}
		if (!first)
			continue;
		if (row->path[p] != SWITCHES_UNKNOWN)
			print_group(out, x, row, &group);
		else
			for (unsigned k = 0; k < group.count; k++)
				text_add(text, sizeof(text), "%s%s", *text ? ", " : "",
				         target_name(group.platforms[k]));
	}
	if (*text)
		fprintf(out, "\nOn %s: no way is known, or there is none.\n", text);
	putc('\n', out);
	snprintf(text, sizeof(text), "Which way it takes: %s%s%s%s.", row->source,
	         *row->releases ? "; read in the guest's Linux " : "", row->releases,
	         row->emulated ? "; where SEV is emulated alone" : "");
	notes_wrap(out, text, 0, 2, TABLE_WIDTH);
}

static bool is_row_of(const struct switches_row *row, const struct explain *x)
{
	return !strcmp(row->kernel, x->kernel) &&
	       (!strcmp(row->variant, "*") || !strcmp(row->variant, x->variant)) &&
	       (!*row->params || !strcmp(row->params, x->params));
}

int explain_out_print(FILE *out, const struct explain *x, struct err *e)
{
	const struct switches_row *one = x->parts
	                                         ? host_paths_find(x->parts->summary, x->switches,
	                                                           x->kernel, x->variant, x->params)
	                                         : NULL;

	for (size_t i = 0; i < x->switches->count; i++) {
		const struct switches_row *row = &x->switches->rows[i];

		if (one ? row == one : is_row_of(row, x))
			print_row(out, x, row);
	}
	return ferror(out) ? err_errno(e, "cannot print the way of an operation") : 0;
}
