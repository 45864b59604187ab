/* SPDX-License-Identifier: MIT */
#include "analysis/show/plot_overview.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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
int plot_overview(const struct compare *c, const struct folder *folder, struct plot *plot,
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
	return plot_picture_add(
	        plot, &chart, folder, UINT32_MAX,
	        "Ratio of times to the reference, one row a kernel, one mark a platform. "
	        "Right of 1 is slower.",
	        e);
}
