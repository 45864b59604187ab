/* SPDX-License-Identifier: MIT */
#include "analysis/show/plot_bars.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/read/label.h"
#include "analysis/show/plot_axis.h"

#define STREAM "stream" /* the kernel that is shown in percent too */

/* "kernel/variant" and what else tells the cells of the kernel apart. */
static void cell_name(const struct samples *s, size_t first, size_t count, size_t cell,
                      char name[CHART_TEXT])
{
	struct label label;
	char text[LABEL_TEXT];

	label_make(&label, s, first, count);
	snprintf(name, CHART_TEXT, "%s %s", samples_text(s, s->cells[cell].key.kernel),
	         samples_text(s, s->cells[cell].key.variant));
	for (int p = LABEL_VARIANT + 1; p < LABEL_PART_COUNT; p++) {
		size_t used = strlen(name);

		if (label.varies[p])
			snprintf(name + used, CHART_TEXT - used, " %s",
			         label_part_text(s, &s->cells[cell], (enum label_part)p, text));
	}
}

/* A bar a platform for the cells of one kernel; rates or times. */
static void add_bars(struct chart *chart, struct chart_panel *panel, const struct summary *summary,
                     size_t first, size_t count, double percent_of)
{
	const struct samples *s = summary->samples;

	for (size_t i = first; i < first + count; i++) {
		size_t row_count;
		const struct summary_row *rows = summary_rows(summary, (uint32_t)i, &row_count);
		bool named = false;

		for (size_t k = 0; k < row_count; k++) {
			const struct summary_row *row = &rows[k];
			double value = s->cells[i].unit == UNIT_BANDWIDTH
			                       ? row->rate[SUMMARY_STREAM] * 100 / percent_of
			                       : row->median_ns;
			char name[CHART_TEXT];

			if (row->side || isnan(value))
				continue;
			if (!named) {
				cell_name(s, first, count, i, name);
				chart_category(chart, name);
			}
			named = true;
			chart_add(chart, chart_platform(chart, panel, row->platform, row->accel),
			          (struct chart_point){(double)chart->category_count - 1, value,
			                               (double)NAN, (double)NAN});
		}
	}
}

/* The series of the bars in one order everywhere. */
static void order_series(const struct summary *summary, struct chart *chart,
                         struct chart_panel *panel, enum kernel_unit unit)
{
	for (unsigned place = 0; place < TARGET_COUNT; place++)
		for (int a = 0; a < ACCEL_COUNT; a++)
			for (size_t k = 0; k < summary->count; k++) {
				const struct summary_row *row = &summary->rows[k];

				if (row->platform != target_at(place) || (int)row->accel != a ||
				    row->side || isnan(row->median_ns) ||
				    summary->samples->cells[row->cell].unit != unit)
					continue;
				chart_platform(chart, panel, row->platform, row->accel);
				break;
			}
}

int plot_bars(const struct summary *summary, enum kernel_unit unit, const struct folder *folder,
              struct plot *plot, struct err *e)
{
	const struct samples *s = summary->samples;
	struct chart chart = {.kind = CHART_BARS};
	struct chart_panel *panel = chart_panel(&chart, "");
	bool rates = unit == UNIT_BANDWIDTH;

	snprintf(chart.name, sizeof(chart.name), "%s", rates ? "rates" : "switches");
	snprintf(chart.title, sizeof(chart.title), "%s",
	         rates ? "Bandwidth at one size" : "Operations and world switches");
	snprintf(chart.x_label, sizeof(chart.x_label), "%s%s",
	         rates ? "GB/s of " : "median time of one operation (logarithmic)",
	         rates ? summary_row_rate_name(SUMMARY_STREAM) : "");
	chart.time_x = !rates;
	if (panel)
		order_series(summary, &chart, panel, unit);
	for (size_t i = 0, count; i < s->cell_count; i += count) {
		count = label_kernel_cells(s, i);
		if (s->cells[i].unit == unit && !s->cells[i].single_shot &&
		    strcmp(samples_text(s, s->cells[i].key.kernel), STREAM) != 0 &&
		    plot_axis(s, i, count) == LABEL_PART_COUNT)
			add_bars(&chart, panel, summary, i, count, 100);
	}
	return plot_picture_add(plot, &chart, folder, UINT32_MAX,
	                        rates ? "A bar a cell and platform: longer is faster."
	                              : "A bar an operation and platform: longer is slower.",
	                        e);
}

int plot_bars_stream(const struct summary *summary, const struct folder *folder, struct plot *plot,
                     struct err *e)
{
	const struct samples *s = summary->samples;
	struct chart chart = {.kind = CHART_BARS, .name = "stream-percent"};
	struct chart_panel *panel = chart_panel(&chart, "");
	double best = 0, peak = summary->peak.gbps;
	size_t first = 0, count = 0;

	while (first < s->cell_count &&
	       strcmp(samples_text(s, s->cells[first].key.kernel), STREAM) != 0)
		first++;
	if (first < s->cell_count)
		count = label_kernel_cells(s, first);
	for (size_t k = 0; k < summary->count; k++) {
		const struct summary_row *row = &summary->rows[k];

		if (row->cell >= first && row->cell < first + count && !row->side)
			best = fmax(best, row->rate[SUMMARY_STREAM]);
	}
	if (peak > 0)
		snprintf(chart.title, sizeof(chart.title),
		         "STREAM in percent of the memory's theoretical peak, %.4g GB/s", peak);
	else
		snprintf(chart.title, sizeof(chart.title),
		         "STREAM in percent of the best rate measured, %.3g GB/s", best);
	snprintf(chart.subtitle, sizeof(chart.subtitle), "%s",
	         peak > 0 ? summary->peak.source
	                  : "the theoretical peak of the memory is not known (sevbench run "
	                    "--dram-peak)");
	snprintf(chart.x_label, sizeof(chart.x_label), "percent; %s",
	         summary_row_rate_name(SUMMARY_STREAM));
	if (panel && count) {
		order_series(summary, &chart, panel, UNIT_BANDWIDTH);
		add_bars(&chart, panel, summary, first, count, peak > 0 ? peak : best);
	}
	return plot_picture_add(
	        plot, &chart, folder, count ? s->cells[first].key.kernel : UINT32_MAX,
	        peak > 0 ? "A bar a STREAM loop and platform, in percent of what all channels "
	                   "of the memory move in theory: longer is faster."
	                 : "A bar a STREAM loop and platform, in percent of the best of all: "
	                   "longer is faster.",
	        e);
}
