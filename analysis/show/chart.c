/* SPDX-License-Identifier: MIT */
#include "analysis/show/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/text.h"

struct chart_panel *chart_panel(struct chart *chart, const char *title)
{
	struct chart_panel *panels =
	        realloc(chart->panels, (chart->panel_count + 1) * sizeof(*panels));
	struct chart_panel *panel;

	if (!panels) {
		chart->no_memory = true;
		return NULL;
	}
	chart->panels = panels;
	panel = &panels[chart->panel_count++];
	*panel = (struct chart_panel){.count = 0};
	snprintf(panel->title, sizeof(panel->title), "%s", title);
	return panel;
}

void chart_category(struct chart *chart, const char *name)
{
	char(*names)[CHART_TEXT] =
	        realloc(chart->categories, (chart->category_count + 1) * sizeof(*names));

	if (!names) {
		chart->no_memory = true;
		return;
	}
	chart->categories = names;
	snprintf(names[chart->category_count++], sizeof(*names), "%s", name);
}

struct chart_series *chart_series(struct chart *chart, struct chart_panel *panel, const char *name,
                                  int style, int place)
{
	struct chart_series *series;

	if (!panel)
		return NULL;
	for (size_t i = 0; i < panel->count; i++)
		if (!strcmp(panel->series[i].name, name))
			return &panel->series[i];
	series = realloc(panel->series, (panel->count + 1) * sizeof(*series));
	if (!series) {
		chart->no_memory = true;
		return NULL;
	}
	panel->series = series;
	series += panel->count++;
	*series = (struct chart_series){.style = style, .place = place};
	snprintf(series->name, sizeof(series->name), "%s", name);
	return series;
}

/* The controls with SNP off stand beside themselves with SNP on: one style each, and one for all on
 * host pages of their own. */
static int style_of(unsigned target)
{
	int off = PLATFORM_COUNT + CHART_ON_PAGES;
	enum mem_pages pages;
	bool on_pages = target_pages(target, &pages);

	if (target_snp_is_off(target))
		return on_pages ? off + 2 : off + (target_platform(target) != PLATFORM_NATIVE);
	return on_pages ? PLATFORM_COUNT + (int)pages % CHART_ON_PAGES
	                : (int)target_platform(target);
}

struct chart_series *chart_platform(struct chart *chart, struct chart_panel *panel,
                                    unsigned platform, enum accel accel)
{
	char name[48];

	snprintf(name, sizeof(name), "%s%s", target_name(platform),
	         accel == ACCEL_TCG ? " (emulated)" : "");
	chart->emulated |= accel == ACCEL_TCG;
	chart->real |= accel != ACCEL_TCG;
	return chart_series(chart, panel, name, style_of(platform), (int)target_place(platform));
}

void chart_note(struct chart *chart, struct chart_panel *panel, struct chart_note note)
{
	struct chart_note *notes;

	if (!panel)
		return;
	notes = realloc(panel->notes, (panel->note_count + 1) * sizeof(*notes));
	if (!notes) {
		chart->no_memory = true;
		return;
	}
	panel->notes = notes;
	notes[panel->note_count++] = note;
}

void chart_add(struct chart *chart, struct chart_series *series, struct chart_point point)
{
	if (!series)
		return;
	if (series->count == series->room) {
		size_t room = series->room ? series->room * 2 : 16;
		struct chart_point *points = realloc(series->points, room * sizeof(*points));

		if (!points) {
			chart->no_memory = true;
			return;
		}
		series->points = points;
		series->room = room;
	}
	series->points[series->count++] = point;
}

double chart_spread(const struct chart *chart)
{
	double least = INFINITY, most = 0;

	for (size_t p = 0; p < chart->panel_count; p++)
		for (size_t s = 0; s < chart->panels[p].count; s++)
			for (size_t i = 0; i < chart->panels[p].series[s].count; i++) {
				const struct chart_point *point =
				        &chart->panels[p].series[s].points[i];

				if (point->y > 0)
					least = fmin(least, point->y);
				if (point->low > 0)
					least = fmin(least, point->low);
				most = fmax(most, fmax(point->y, point->high));
			}
	return most > 0 ? most / least : NAN;
}

/* Has the axis that carries the values a logarithm, and that which carries the places? */
static bool values_log(const struct chart *chart)
{
	return chart->kind == CHART_LINES ? chart->log_y || chart->time_y
	                                  : chart->log_x || chart->time_x;
}

static bool places_log(const struct chart *chart)
{
	return chart->kind == CHART_LINES && (chart->sizes || chart->log_x || chart->time_x);
}

static bool can_show(const struct chart *chart, const struct chart_point *point)
{
	if (!isfinite(point->x) || !isfinite(point->y) || (values_log(chart) && point->y <= 0) ||
	    (places_log(chart) && point->x <= 0))
		return false;
	if (chart->kind == CHART_STACK && (!isfinite(point->low) || !isfinite(point->high)))
		return false;
	return !chart->category_count || point->x < (double)chart->category_count;
}

static void trim_series(const struct chart *chart, struct chart_series *series)
{
	size_t kept = 0;

	for (size_t i = 0; i < series->count; i++) {
		struct chart_point point = series->points[i];

		if (!can_show(chart, &point))
			continue;
		if (!isfinite(point.low) || !isfinite(point.high))
			point.low = point.high = NAN;
		series->points[kept++] = point;
	}
	series->count = kept;
}

void chart_trim(struct chart *chart)
{
	if (chart->category_count > CHART_CATEGORIES) {
		text_add(chart->subtitle, sizeof(chart->subtitle), "%sthe first %d of %zu",
		         *chart->subtitle ? "; " : "", CHART_CATEGORIES, chart->category_count);
		chart->category_count = CHART_CATEGORIES;
	}
	for (size_t p = 0; p < chart->panel_count; p++)
		for (size_t s = 0; s < chart->panels[p].count; s++)
			trim_series(chart, &chart->panels[p].series[s]);
}

bool chart_empty(const struct chart *chart)
{
	for (size_t p = 0; p < chart->panel_count; p++)
		for (size_t i = 0; i < chart->panels[p].count; i++)
			if (chart->panels[p].series[i].count)
				return false;
	return true;
}

void chart_free(struct chart *chart)
{
	for (size_t p = 0; p < chart->panel_count; p++) {
		for (size_t i = 0; i < chart->panels[p].count; i++)
			free(chart->panels[p].series[i].points);
		free(chart->panels[p].series);
		free(chart->panels[p].notes);
	}
	free(chart->panels);
	free(chart->categories);
	chart->panels = NULL;
	chart->categories = NULL;
	chart->panel_count = chart->category_count = 0;
}
