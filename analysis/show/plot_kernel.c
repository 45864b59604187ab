/* SPDX-License-Identifier: MIT */
#include "analysis/show/plot_kernel.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/stats.h"
#include "analysis/show/plot_axis.h"
#include "harness/text.h"

#define PANELS_MAX  12  /* of a picture; more make another one */
#define LINEAR_MOST 8   /* times the least value: more needs a logarithmic axis */
#define TAIL_STEPS  120 /* points of a distribution */

/* What tells a cell's panel from the others: its variant, and whatever varies beside the axis. */
static void panel_title(const struct label *label, const struct samples_cell *cell,
                        enum label_part axis, char title[CHART_TEXT])
{
	char text[LABEL_TEXT];

	title[0] = '\0';
	for (int p = 0; p < LABEL_PART_COUNT; p++) {
		if (!label->varies[p] || p == (int)axis)
			continue;
		text_add(title, CHART_TEXT, "%s%s%s", *title ? " " : "",
		         p == LABEL_THREADS ? "threads=" : "",
		         label_part_text(label->samples, cell, (enum label_part)p, text));
	}
}

/* The place of a cell along an axis whose values are names, in the order they come. */
static double category(struct chart *chart, const char *name)
{
	for (size_t i = 0; i < chart->category_count; i++)
		if (!strcmp(chart->categories[i], name))
			return (double)i;
	chart_category(chart, name);
	return (double)chart->category_count - 1;
}

static struct chart_point sweep_point(const struct summary_row *row, bool rates, double x)
{
	double bytes = row->rate[SUMMARY_STREAM] * row->median_ns;

	if (rates)
		return (struct chart_point){x, row->rate[SUMMARY_STREAM], bytes / row->round_max_ns,
		                            bytes / row->round_min_ns};
	return (struct chart_point){x, row->median_ns, row->round_min_ns, row->round_max_ns};
}

enum picture { PICTURE_VALUES, PICTURE_RATIOS, PICTURE_DISTRIBUTION };

/* A kernel that is being drawn: one picture for every PANELS_MAX of its panels. */
struct drawing {
	const struct compare *compare;
	const struct summary *summary;
	const struct machine *machine;
	size_t first, count; /* cells */
	enum label_part axis;
	struct label label;
	struct intern titles; /* of the panels */
};

/* A distribution needs operations that were timed alone; beside them may be batches. */
static bool drawn(const struct drawing *d, size_t cell, enum picture what)
{
	return what != PICTURE_DISTRIBUTION || d->summary->samples->cells[cell].single_shot;
}

/* The number of a cell's panel, or -ENOMEM. */
static int panel_number(struct drawing *d, size_t cell, struct err *e)
{
	char title[CHART_TEXT];
	uint32_t id;
	int rc;

	panel_title(&d->label, &d->summary->samples->cells[cell], d->axis, title);
	rc = intern_add(&d->titles, title, strlen(title), &id, e);
	return rc ? rc : (int)id;
}

static void add_edges(struct chart *chart, const struct machine *machine)
{
	for (unsigned i = 0; i < machine->cache_count; i++) {
		struct chart_edge *edge = &chart->edges[chart->edge_count++];

		edge->x = (double)machine->caches[i].size;
		snprintf(edge->name, sizeof(edge->name), "L%u", machine->caches[i].level);
	}
}

static void name_chart(const struct drawing *d, struct chart *chart, size_t page,
                       const char *suffix, const char *title)
{
	const struct samples *s = d->summary->samples;
	const char *kernel = samples_text(s, s->cells[d->first].key.kernel);
	char common[LABEL_TEXT], number[32] = "";

	if (d->titles.count > PANELS_MAX)
		snprintf(number, sizeof(number), "-%zu", page + 1);
	snprintf(chart->name, sizeof(chart->name), "%.30s%s%s", kernel, suffix, number);
	for (char *c = chart->name; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *c))
			*c = '_';
	if (*chart->name == '-') /* which gnuplot would take for an option */
		*chart->name = '_';
	label_common(&d->label, &s->cells[d->first], common);
	snprintf(chart->title, sizeof(chart->title), "%.60s: %s", kernel, title);
	snprintf(chart->subtitle, sizeof(chart->subtitle), "%s", common);
}

/* "16" of the params "pause=16"; the axis is named after them. */
static const char *axis_value(const struct samples *s, const struct samples_cell *cell,
                              enum label_part axis, char text[LABEL_TEXT])
{
	const char *value = label_part_text(s, cell, axis, text);
	const char *equals = strchr(value, '=');

	return equals && !strchr(equals + 1, '=') ? equals + 1 : value;
}

static void axis_name(const struct drawing *d, char name[CHART_TEXT])
{
	char text[LABEL_TEXT];
	const struct samples *s = d->summary->samples;
	const char *value = label_part_text(s, &s->cells[d->first], d->axis, text);
	const char *equals = strchr(value, '=');

	if (d->axis == LABEL_SIZE)
		snprintf(name, CHART_TEXT, "size of the memory");
	else if (equals && equals - value == 5 && !strncmp(value, "pause", 5))
		snprintf(name, CHART_TEXT,
		         "PAUSE instructions of a neighbour after each 4 KiB: less load to the "
		         "right");
	else if (equals && !strchr(equals + 1, '='))
		snprintf(name, CHART_TEXT, "%.*s", (int)(equals - value), value);
	else
		snprintf(name, CHART_TEXT, "%s", label_part_name(d->axis));
}

static void add_ratios(const struct drawing *d, struct chart *chart, struct chart_panel *panel,
                       size_t cell)
{
	const struct samples *s = d->summary->samples;
	char text[LABEL_TEXT];
	double x = (double)s->cells[cell].key.size;

	if (d->axis != LABEL_SIZE)
		x = category(chart, axis_value(s, &s->cells[cell], d->axis, text));
	for (size_t k = 0; k < d->compare->cell_count; k++) {
		const struct compare_cell *c = &d->compare->cells[k];

		if (c->row->cell != cell || isnan(c->ratio))
			continue;
		chart_add(chart, chart_platform(chart, panel, c->row->platform, c->row->accel),
		          (struct chart_point){x, c->ratio, c->low, c->high});
	}
}

static void add_sweep_cell(const struct drawing *d, struct chart *chart, struct chart_panel *panel,
                           size_t cell)
{
	const struct samples *s = d->summary->samples;
	bool rates = s->cells[d->first].unit == UNIT_BANDWIDTH;
	char text[LABEL_TEXT];
	double x = (double)s->cells[cell].key.size;
	size_t count;
	const struct summary_row *rows = summary_rows(d->summary, (uint32_t)cell, &count);

	if (d->axis != LABEL_SIZE)
		x = category(chart, axis_value(s, &s->cells[cell], d->axis, text));
	for (size_t k = 0; k < count; k++) {
		const struct summary_row *row = &rows[k];

		if (row->side || isnan(row->median_ns))
			continue;
		chart_add(chart, chart_platform(chart, panel, row->platform, row->accel),
		          sweep_point(row, rates, x));
	}
}

/* Quantiles that are dense where the tail is: by the logarithm of the share that takes longer. */
static int add_distribution(const struct summary *summary, const struct summary_row *row,
                            struct chart *chart, struct chart_panel *panel, struct err *e)
{
	const struct samples *s = summary->samples;
	const struct samples_group *groups = &s->groups[row->first_group];
	size_t room = 1, count = 0;
	struct chart_series *series;
	double *values, loop;

	for (size_t i = 0; i < row->group_count; i++)
		room += groups[i].series[SERIES_OP].count + groups[i].series[SERIES_BASELINE].count;
	values = malloc(room * sizeof(*values));
	if (!values)
		return err_set(e, ENOMEM, "no memory for a distribution of %zu samples", room);
	for (size_t i = 0; i < row->group_count; i++)
		count += summary_row_round(&groups[i], values + count, &loop);
	stats_sort(values, count);
	/* One sample alone is no distribution, and gnuplot draws no line of no points. */
	if (count < 2 || values[count - 1] <= 0) {
		free(values);
		return 0;
	}
	series = chart_platform(chart, panel, row->platform, row->accel);
	for (int step = 0; step <= TAIL_STEPS; step++) {
		double longer = exp(-log((double)count) * step / TAIL_STEPS);
		size_t index = (size_t)((double)count * (1 - longer));
		double ns = values[index < count ? index : count - 1];

		if (ns > 0)
			chart_add(chart, series,
			          (struct chart_point){ns, longer, (double)NAN, (double)NAN});
	}
	free(values);
	return 0;
}

static int add_distributions(const struct drawing *d, struct chart *chart,
                             struct chart_panel *panel, size_t cell, struct err *e)
{
	size_t count;
	const struct summary_row *rows = summary_rows(d->summary, (uint32_t)cell, &count);
	int rc = 0;

	for (size_t k = 0; k < count && !rc; k++)
		if (!rows[k].side && rows[k].rounds)
			rc = add_distribution(d->summary, &rows[k], chart, panel, e);
	return rc;
}

/* Everything of one page: its panels in order, then what they show. */
static int fill_page(struct drawing *d, struct chart *chart, size_t page, enum picture what,
                     struct err *e)
{
	size_t from = page * PANELS_MAX;
	int rc = 0;

	for (size_t i = from; i < d->titles.count && i < from + PANELS_MAX; i++)
		if (!chart_panel(chart, intern_text(&d->titles, (uint32_t)i)))
			return err_set(e, ENOMEM, "no memory to draw %s", chart->name);
	for (size_t cell = d->first; cell < d->first + d->count && !rc; cell++) {
		int number;
		size_t place;

		if (!drawn(d, cell, what))
			continue;
		number = panel_number(d, cell, e);
		place = (size_t)number - from;

		if (number < 0)
			return number;
		if ((size_t)number < from || place >= chart->panel_count)
			continue;
		if (what == PICTURE_DISTRIBUTION)
			rc = add_distributions(d, chart, &chart->panels[place], cell, e);
		else if (what == PICTURE_RATIOS)
			add_ratios(d, chart, &chart->panels[place], cell);
		else
			add_sweep_cell(d, chart, &chart->panels[place], cell);
	}
	return rc;
}

static void label_values(const struct drawing *d, struct chart *chart, size_t page, bool rates)
{
	name_chart(d, chart, page, "", rates ? "rate" : "time of one operation");
	chart->time_y = !rates;
	snprintf(chart->y_label, sizeof(chart->y_label), "%s",
	         rates ? "GB/s read + written" : "median time of one operation");
}

static void label_ratios(const struct drawing *d, struct chart *chart, size_t page)
{
	char title[CHART_TEXT];

	snprintf(title, sizeof(title), "time as a multiple of %s",
	         d->compare->options.sides ? "before"
	                                   : target_name((unsigned)d->compare->reference));
	name_chart(d, chart, page, "-ratio", title);
	chart->mark_y = 1;
	snprintf(chart->y_label, sizeof(chart->y_label), "ratio of times, 95 %% intervals");
}

static void label_distribution(const struct drawing *d, struct chart *chart, size_t page)
{
	char within[SUMMARY_STEP_TEXT];

	name_chart(d, chart, page, "-distribution", "how long single operations take");
	chart->lines_only = chart->time_x = chart->log_y = true;
	snprintf(chart->x_label, sizeof(chart->x_label), "time of one operation%s",
	         summary_step_text(d->summary, within));
	snprintf(chart->y_label, sizeof(chart->y_label), "share that takes longer");
}

static int draw_page(struct drawing *d, size_t page, enum picture what, const struct folder *folder,
                     struct plot *plot, struct err *e)
{
	static const char *const texts[] = {"A panel a variant, a line a platform: higher is "
	                                    "slower. Bars reach from the fastest "
	                                    "to the slowest round.",
	                                    "A panel a variant, a line a platform: above 1 is "
	                                    "slower than the reference. Bars are "
	                                    "95 % intervals.",
	                                    "A panel a cell, a line a platform: the share of "
	                                    "operations that take longer than a "
	                                    "time, both logarithmic.",
	                                    "A panel a variant, a line a platform: higher is "
	                                    "faster. Bars reach from the slowest "
	                                    "to the fastest round."};
	const struct samples_cell *cell = &d->summary->samples->cells[d->first];
	bool rates = cell->unit == UNIT_BANDWIDTH && what == PICTURE_VALUES;
	struct chart chart = {.kind = CHART_LINES};
	int rc;

	if (what == PICTURE_DISTRIBUTION) {
		label_distribution(d, &chart, page);
	} else {
		if (what == PICTURE_RATIOS)
			label_ratios(d, &chart, page);
		else
			label_values(d, &chart, page, rates);
		chart.sizes = d->axis == LABEL_SIZE;
		axis_name(d, chart.x_label);
		if (chart.sizes)
			add_edges(&chart, d->machine);
	}
	rc = fill_page(d, &chart, page, what, e);
	if (rc) {
		chart_free(&chart);
		return rc;
	}
	chart.log_y |= chart_spread(&chart) > LINEAR_MOST;
	return plot_picture_add(plot, &chart, folder, cell->key.kernel, texts[rates ? 3 : what], e);
}

int plot_kernel(const struct compare *compare, const struct machine *machine, size_t first,
                size_t count, const struct folder *folder, struct plot *plot, struct err *e)
{
	const struct summary *summary = compare->summary;
	struct drawing d = {.compare = compare,
	                    .summary = summary,
	                    .machine = machine,
	                    .first = first,
	                    .count = count};
	const struct samples_cell *cells = summary->samples->cells;
	enum picture what = PICTURE_VALUES;
	int rc = 0;

	d.axis = cells[first].single_shot ? LABEL_PART_COUNT
	                                  : plot_axis(summary->samples, first, count);
	/* Bars of all kernels show what has no axis; beyond them there is what was timed alone. */
	if (d.axis == LABEL_PART_COUNT)
		what = PICTURE_DISTRIBUTION;
	label_make(&d.label, summary->samples, first, count);
	for (size_t i = first; i < first + count && rc >= 0; i++)
		if (drawn(&d, i, what))
			rc = panel_number(&d, i, e);
	rc = rc < 0 ? rc : 0;
	for (size_t page = 0; page * PANELS_MAX < d.titles.count && !rc; page++) {
		rc = draw_page(&d, page, what, folder, plot, e);
		if (!rc && what == PICTURE_VALUES)
			rc = draw_page(&d, page, PICTURE_RATIOS, folder, plot, e);
	}
	intern_free(&d.titles);
	return rc;
}
