/* SPDX-License-Identifier: MIT */
#include "analysis/show/decompose_chart.h"

#include <math.h>
#include <stdio.h>

#include "analysis/decide/decompose.h"

static void add_part(struct chart *chart, struct chart_series *series, double ns, double *end)
{
	double begin = *end, x = (double)chart->category_count - 1;

	if (isnan(ns))
		return;
	*end += ns / 1000;
	chart_add(chart, series, (struct chart_point){x, ns / 1000, begin, *end});
}

int decompose_chart(const struct summary *summary, struct chart *chart, struct err *e)
{
	static const char *const names[] = {"#VC in the guest", "#VC and exit, not told apart",
	                                    "exit to KVM and back", "to QEMU and back"};
	static const int styles[] = {PLATFORM_COUNT + 1, PLATFORM_COUNT + 2, PLATFORM_COUNT, 2};
	const struct samples *s = summary->samples;
	struct chart_panel *panel;
	struct switches switches;
	int rc;

	*chart = (struct chart){.kind = CHART_STACK, .name = "decomposition"};
	snprintf(chart->title, sizeof(chart->title), "World switches taken apart");
	snprintf(chart->x_label, sizeof(chart->x_label), "microseconds, median of one operation");
	rc = switches_load(&switches, e);
	if (rc)
		return rc;
	panel = chart_panel(chart, "");
	for (int i = 0; i < 4; i++)
		chart_series(chart, panel, names[i], styles[i], i);
	for (size_t i = 0; i < summary->count && panel && !chart->no_memory; i++) {
		const struct summary_row *row = &summary->rows[i];
		const struct samples_cell_key *key = &s->cells[row->cell].key;
		struct decompose_parts parts;
		char name[CHART_TEXT];
		double end = 0;

		if (row->side || !decompose(summary, &switches, row, &parts))
			continue;
		snprintf(name, sizeof(name), "%.40s %.40s, %s", samples_text(s, key->kernel),
		         samples_text(s, key->variant), target_name(row->platform));
		chart_category(chart, name);
		add_part(chart, &panel->series[0], parts.vc, &end);
		add_part(chart, &panel->series[1], parts.vc_exit, &end);
		add_part(chart, &panel->series[2], parts.exit, &end);
		add_part(chart, &panel->series[3], parts.qemu, &end);
	}
	switches_free(&switches);
	return 0;
}
