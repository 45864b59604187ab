/* SPDX-License-Identifier: MIT */
#include "analysis/show/way_chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/decide/host_paths.h"
#include "harness/text.h"

#define KERNEL "cpuid"

/* The leaf that Linux may answer by itself, and one that it asks the hypervisor for. */
static const char *const leaves[] = {"0x0", "0xb"};

#define LEAVES (sizeof(leaves) / sizeof(*leaves))

/* Did a guest of the results execute one; and was one of them emulated, or real? */
static bool executed(const struct summary *summary, struct chart *chart)
{
	const struct samples *s = summary->samples;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		const char *kernel = samples_text(s, s->cells[row->cell].key.kernel);

		if (strcmp(kernel, KERNEL) != 0 || row->side || !row->rounds ||
		    !platform_launched(target_platform(row->platform)))
			continue;
		chart->emulated |= row->accel == ACCEL_TCG;
		chart->real |= row->accel != ACCEL_TCG;
	}
	return chart->emulated || chart->real;
}

static enum switches_path path_of(const struct explain *x, const char *leaf, unsigned platform)
{
	const struct switches_row *row =
	        host_paths_find(x->parts->summary, x->switches, KERNEL, leaf, "");

	return row ? row->path[platform] : SWITCHES_UNKNOWN;
}

/* " 0x0, 0xb": the leaves that take that path; false where none does. */
static bool add_leaves(const struct explain *x, enum switches_path path, unsigned platform,
                       char *text, size_t size)
{
	bool any = false;

	for (size_t i = 0; i < LEAVES; i++) {
		if (path_of(x, leaves[i], platform) != path)
			continue;
		if (!any)
			text_add(text, size, "%s%s: leaf ", *text ? "; " : "",
			         platform_name((enum platform)platform));
		text_add(text, size, "%s%s", any ? ", " : "", leaves[i]);
		any = true;
	}
	return any;
}

/* The way itself, and the names of its legs. */
static void add_way(struct chart *chart, struct chart_panel *panel, const struct way *way)
{
	struct chart_series *series = chart_series(chart, panel, "the way", 0, 0);

	for (size_t i = 0; i < way->count; i++) {
		const struct leg *leg = &way->legs[i];
		struct chart_note note = {.y = (double)i + 0.5, .series = -1};

		if (!i)
			chart_add(chart, series, (struct chart_point){leg->from, 0, NAN, NAN});
		chart_add(chart, series, (struct chart_point){leg->to, (double)i + 1, NAN, NAN});
		note.x = ((double)leg->from + (double)leg->to) / 2;
		if (leg->from == leg->to)
			note.x += 0.08;
		snprintf(note.text, sizeof(note.text), "%s", leg->name);
		chart_note(chart, panel, note);
	}
}

/* A part: a point for each leg in it, and what was measured of it on each platform. */
static void add_part(const struct explain *x, struct chart *chart, struct chart_panel *panel,
                     const struct way *way, enum switches_path path, const char *part)
{
	static const int styles[] = {1, 2, 4, 3, 9, 8};
	int number = (int)panel->count;
	struct chart_series *series =
	        chart_series(chart, panel, part, styles[(number - 1) % 6], number);
	struct chart_note note = {.x = NAN, .y = NAN, .series = number};

	for (size_t i = 0; i < way->count; i++)
		if (legs_in(&way->legs[i], part))
			chart_add(chart, series,
			          (struct chart_point){way->legs[i].to, (double)i, NAN, NAN});
	snprintf(note.text, sizeof(note.text), "%s", part);
	chart_note(chart, panel, note);
	for (unsigned p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++) {
		char text[256] = "", *from;

		if (!add_leaves(x, path, p, text, sizeof(text)))
			continue;
		explain_out_part(x, part, p, text);
		from = strstr(text, ", from ");
		if (from)
			*from = '\0';
		text[strcspn(text, ":")] = '\0';
		snprintf(note.text, sizeof(note.text), "   %s: %.70s",
		         platform_name((enum platform)p), text);
		chart_note(chart, panel, note);
	}
}

static void add_panel(const struct explain *x, struct chart *chart, enum switches_path path)
{
	const char *parts[LEGS_MOST];
	struct chart_panel *panel;
	struct way way;
	char title[CHART_TEXT] = "";
	bool any = false;
	size_t count;

	for (unsigned p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++)
		any |= path != SWITCHES_UNKNOWN && add_leaves(x, path, p, title, sizeof(title));
	for (size_t i = 0; i < chart->panel_count; i++)
		any &= strcmp(chart->panels[i].title, title) != 0;
	if (!any)
		return;
	legs_way(x->legs, path, KERNEL, &way);
	panel = chart_panel(chart, title);
	add_way(chart, panel, &way);
	count = legs_parts(&way, parts);
	for (size_t i = 0; i < count; i++)
		add_part(x, chart, panel, &way, path, parts[i]);
}

static int fill(const struct summary *summary, struct chart *chart, struct explain *x,
                struct err *e)
{
	struct parts parts;
	int rc = parts_make(summary, &parts, e);

	if (rc)
		return rc;
	x->parts = &parts;
	for (int i = 0; i < LEGS_PLACE_COUNT; i++)
		chart_category(chart, legs_place_name((enum legs_place)i));
	for (unsigned p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++)
		for (size_t i = LEAVES; i-- > 0;)
			add_panel(x, chart, path_of(x, leaves[i], p));
	parts_free(&parts);
	return 0;
}

int way_chart(const struct summary *summary, struct chart *chart, struct err *e)
{
	struct switches switches = {0};
	struct legs legs = {0};
	struct explain x = {.switches = &switches,
	                    .legs = &legs,
	                    .kernel = KERNEL,
	                    .variant = "0xb",
	                    .params = ""};
	int rc = 0;

	*chart = (struct chart){.kind = CHART_WAY, .name = "where-a-cpuid-goes"};
	snprintf(chart->title, sizeof(chart->title), "Where a CPUID goes");
	snprintf(chart->subtitle, sizeof(chart->subtitle),
	         "from user mode and back, downwards; bars at the side: the legs that a part is "
	         "the time of, with its 95 %% interval");
	if (!executed(summary, chart))
		return 0;
	rc = switches_load(&switches, e);
	if (!rc)
		rc = legs_load(&legs, e);
	if (!rc)
		rc = fill(summary, chart, &x, e);
	legs_free(&legs);
	switches_free(&switches);
	return rc;
}
