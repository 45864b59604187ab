/* SPDX-License-Identifier: MIT */
#include "analysis/show/plot.h"

#include <stdlib.h>

#include "analysis/read/label.h"
#include "analysis/show/decompose_chart.h"
#include "analysis/show/plot_bars.h"
#include "analysis/show/plot_kernel.h"
#include "analysis/show/plot_overview.h"
#include "analysis/show/way_chart.h"

void plot_free(struct plot *plot)
{
	free(plot->pictures);
	*plot = (struct plot){0};
}

int plot_draw(const struct compare *compare, const struct machine *machine,
              const struct folder *folder, struct plot *plot, struct err *e)
{
	const struct summary *summary = compare->summary;
	const struct samples *s = summary->samples;
	struct chart parts = {0}, way = {0};
	int rc;

	*plot = (struct plot){0};
	rc = plot_overview(compare, folder, plot, e);
	for (size_t i = 0, count; i < s->cell_count && !rc; i += count) {
		count = label_kernel_cells(s, i);
		rc = plot_kernel(compare, machine, i, count, folder, plot, e);
	}
	if (!rc)
		rc = plot_bars(summary, UNIT_LATENCY, folder, plot, e);
	if (!rc)
		rc = plot_bars(summary, UNIT_BANDWIDTH, folder, plot, e);
	if (!rc)
		rc = plot_bars_stream(summary, folder, plot, e);
	if (!rc)
		rc = decompose_chart(summary, &parts, e);
	if (!rc) {
		rc = plot_picture_add(
		        plot, &parts, folder, UINT32_MAX,
		        "Bars in parts: what #VC, the exit to KVM and the trip to QEMU take of an "
		        "operation's time.",
		        e);
	}
	if (!rc)
		rc = way_chart(summary, &way, e);
	if (!rc)
		rc = plot_picture_add(
		        plot, &way, folder, UINT32_MAX,
		        "The ways that a CPUID takes from user mode: the legs between user mode, "
		        "the "
		        "guest's Linux, KVM and QEMU, and what was measured of them. `sevbench "
		        "explain cpuid 0xb --run` says it in words.",
		        e);
	if (rc)
		plot_free(plot);
	return rc;
}
