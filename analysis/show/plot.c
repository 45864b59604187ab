/* SPDX-License-Identifier: MIT */
#include "analysis/show/plot.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/read/label.h"
#include "analysis/show/decompose_chart.h"
#include "analysis/show/plot_bars.h"
#include "analysis/show/plot_kernel.h"
#include "analysis/show/plot_overview.h"

void plot_free(struct plot *plot)
{
	free(plot->pictures);
	*plot = (struct plot){0};
}

int plot_draw(const struct compare *compare, const struct machine *machine, const char *directory,
              struct plot *plot, struct err *e)
{
	const struct summary *summary = compare->summary;
	const struct samples *s = summary->samples;
	struct chart parts = {0};
	bool made = !mkdir(directory, 0777);
	int rc;

	*plot = (struct plot){0};
	if (!made && errno != EEXIST)
		return err_errno(e, "cannot make the directory %s", directory);
	rc = plot_overview(compare, directory, plot, e);
	for (size_t i = 0, count; i < s->cell_count && !rc; i += count) {
		count = label_kernel_cells(s, i);
		rc = plot_kernel(compare, machine, i, count, directory, plot, e);
	}
	if (!rc)
		rc = plot_bars(summary, UNIT_LATENCY, directory, plot, e);
	if (!rc)
		rc = plot_bars(summary, UNIT_BANDWIDTH, directory, plot, e);
	if (!rc)
		rc = plot_bars_stream(summary, directory, plot, e);
	if (!rc)
		rc = decompose_chart(summary, &parts, e);
	if (!rc) {
		rc = plot_picture_add(
		        plot, &parts, directory, UINT32_MAX,
		        "Bars in parts: what #VC, the exit to KVM and the trip to QEMU take of an "
		        "operation's time.",
		        e);
	}
	if (rc)
		plot_free(plot);
	if (rc && made)
		rmdir(directory); /* unless some of them are in it */
	return rc;
}
