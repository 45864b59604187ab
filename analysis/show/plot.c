/* SPDX-License-Identifier: MIT */
#include "analysis/show/plot.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/read/label.h"
#include "analysis/show/decompose_chart.h"
#include "analysis/show/plot_kernel.h"

#define STREAM "stream" /* the kernel that is shown in percent too */

void plot_free(struct plot *plot)
{
	free(plot->pictures);
	*plot = (struct plot){0};
}

int plot_add(struct plot *plot, struct chart *chart, const char *directory, uint32_t kernel,
             const char *text, struct err *e)
{
	struct plot_picture *pictures;
	int rc = 0;

	if (!chart->no_memory && chart_empty(chart)) {
		chart_free(chart);
		return 0;
	}
	pictures = realloc(plot->pictures, (plot->count + 1) * sizeof(*pictures));
	if (pictures) {
		plot->pictures = pictures;
		rc = chart_write(chart, directory, e);
	} else {
		rc = err_set(e, ENOMEM, "no memory for a picture");
	}
	if (!rc) {
		struct plot_picture *picture = &pictures[plot->count++];

		*picture = (struct plot_picture){.kernel = kernel};
		snprintf(picture->name, sizeof(picture->name), "%s", chart->name);
		snprintf(picture->title, sizeof(picture->title), "%s", chart->title);
		snprintf(picture->text, sizeof(picture->text), "%s%s", text,
		         chart->emulated ? " Partly emulated: those times are no cost of hardware."
		                         : "");
	}
	chart_free(chart);
	return rc;
}

/* The rows of one kernel in compare->kernels, and where it is slowest against the reference. */
struct ranked {
	size_t first, count;
	double worst;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->worst != y->worst)
		return x->worst < y->worst ? 1 : -1;
	return (x->first > y->first) - (x->first < y->first);
}

static size_t rank_kernels(const struct compare *c, struct ranked *ranked)
{
	size_t count = 0;

	for (size_t i = 0; i < c->kernel_count; i++) {
		const struct compare_kernel *k = &c->kernels[i];

		if (!count || k->kernel != c->kernels[i - 1].kernel)
			ranked[count++] = (struct ranked){.first = i};
		ranked[count - 1].count++;
		ranked[count - 1].worst = fmax(ranked[count - 1].worst, k->ratio);
	}
	qsort(ranked, count, sizeof(*ranked), compare_ranked);
	return count;
}

/* What is slowest stands on top. */
static void fill_overview(const struct compare *c, const struct ranked *ranked, size_t count,
                          struct chart *chart, struct chart_panel *panel)
{
	for (size_t r = 0; r < count; r++) {
		bool named = false;

		for (size_t i = ranked[r].first; i < ranked[r].first + ranked[r].count; i++) {
			const struct compare_kernel *k = &c->kernels[i];

			if (isnan(k->ratio))
				continue;
			if (!named)
				chart_category(chart, samples_text(c->summary->samples, k->kernel));
			named = true;
			chart_add(chart, chart_platform(chart, panel, k->platform, k->accel),
			          (struct chart_point){(double)chart->category_count - 1, k->ratio,
			                               k->low, k->high});
		}
	}
}

/* One glance: where does it hurt. */
static int draw_overview(const struct compare *c, const char *directory, struct plot *plot,
                         struct err *e)
{
	struct chart chart = {.kind = CHART_POINTS, .name = "overview", .log_x = true, .mark_x = 1};
	struct chart_panel *panel = chart_panel(&chart, "");
	struct ranked *ranked = calloc(c->kernel_count + 1, sizeof(*ranked));
	const char *reference = c->options.sides ? "before" : target_name((unsigned)c->reference);

	if (!ranked || !panel) {
		free(ranked);
		chart_free(&chart);
		return err_set(e, ENOMEM, "no memory for the overview");
	}
	snprintf(chart.title, sizeof(chart.title), "Where it hurts: time against %s", reference);
	snprintf(chart.subtitle, sizeof(chart.subtitle),
	         "a row a kernel, the slowest on top; right of 1 is slower than %s, left of it "
	         "faster",
	         reference);
	snprintf(chart.x_label, sizeof(chart.x_label),
	         "ratio of times, geometric mean over the kernel's cells, with 95 %% interval");
	if (!c->options.sides)
		for (unsigned place = 0; place < TARGET_COUNT; place++)
			for (size_t i = 0; i < c->kernel_count; i++)
				if (c->kernels[i].platform == target_at(place) &&
				    !isnan(c->kernels[i].ratio))
					chart_platform(&chart, panel, target_at(place),
					               c->kernels[i].accel);
	fill_overview(c, ranked, rank_kernels(c, ranked), &chart, panel);
	free(ranked);
	return plot_add(plot, &chart, directory, UINT32_MAX,
	                "Ratio of times to the reference, one row a kernel, one mark a platform. "
	                "Right of 1 is slower.",
	                e);
}

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

static int draw_bars(const struct summary *summary, enum kernel_unit unit, const char *directory,
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
	return plot_add(plot, &chart, directory, UINT32_MAX,
	                rates ? "A bar a cell and platform: longer is faster."
	                      : "A bar an operation and platform: longer is slower.",
	                e);
}

static int draw_stream(const struct summary *summary, const char *directory, struct plot *plot,
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
	return plot_add(
	        plot, &chart, directory, count ? s->cells[first].key.kernel : UINT32_MAX,
	        peak > 0 ? "A bar a STREAM loop and platform, in percent of what all channels "
	                   "of the memory move in theory: longer is faster."
	                 : "A bar a STREAM loop and platform, in percent of the best of all: "
	                   "longer is faster.",
	        e);
}

int plot_draw(const struct compare *compare, const struct machine *machine, const char *directory,
              struct plot *plot, struct err *e)
{
	const struct summary *summary = compare->summary;
	const struct samples *s = summary->samples;
	struct chart parts = {0};
	int rc;

	*plot = (struct plot){0};
	if (mkdir(directory, 0777) && errno != EEXIST)
		return err_errno(e, "cannot make the directory %s", directory);
	rc = draw_overview(compare, directory, plot, e);
	for (size_t i = 0, count; i < s->cell_count && !rc; i += count) {
		count = label_kernel_cells(s, i);
		rc = plot_kernel(compare, machine, i, count, directory, plot, e);
	}
	if (!rc)
		rc = draw_bars(summary, UNIT_LATENCY, directory, plot, e);
	if (!rc)
		rc = draw_bars(summary, UNIT_BANDWIDTH, directory, plot, e);
	if (!rc)
		rc = draw_stream(summary, directory, plot, e);
	if (!rc)
		rc = decompose_chart(summary, &parts, e);
	if (!rc) {
		rc = plot_add(
		        plot, &parts, directory, UINT32_MAX,
		        "Bars in parts: what #VC, the exit to KVM and the trip to QEMU take of an "
		        "operation's time.",
		        e);
	}
	if (rc)
		plot_free(plot);
	return rc;
}
