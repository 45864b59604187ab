/* SPDX-License-Identifier: MIT */
#include "analysis/decompose.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* An operation, and the one like it that ends in KVM; without one it ends in KVM itself. */
static const struct {
	const char *kernel, *variant, *in_kvm;
} operations[] = {
        {"cpuid", "0xb", NULL},
        {"cpuid", "0x40000000", NULL},
        {"ioport", "in_pit", NULL},
        {"ioport", "in_pic", NULL},
        {"ioport", "in_testdev", "in_pic"},
        {"ioport", "out_testdev", "out_eventfd"},
        {"mmio", "write", "eventfd"},
        {"hypercall", "poll_irq", NULL},
        {"ring0_cpuid", "0xb", NULL},
        {"ring0_hypercall", "poll_irq", NULL},
        {"ring0_msr", "rdmsr_0x1b", NULL},
        {"ring0_port", "in_pic", NULL},
        {"ring0_port", "in_testdev", "in_pic"},
        {"ring0_port", "out_testdev", "out_eventfd"},
        {"ring0_mmio", "read", "read_ioapic"},
        {"ring0_mmio", "write", "eventfd"},
};

/* The median of a cell without size on the platform of `like`; NaN when it was not measured. */
static double time_of(const struct summary *summary, const struct summary_row *like,
                      const char *kernel, const char *variant)
{
	const struct samples *s = summary->samples;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		const struct samples_cell_key *key = &s->cells[row->cell].key;

		if (row->platform == like->platform && row->accel == like->accel &&
		    row->side == like->side && !strcmp(samples_text(s, key->kernel), kernel) &&
		    !strcmp(samples_text(s, key->variant), variant))
			return row->median_ns;
	}
	return (double)NAN;
}

bool decompose(const struct summary *summary, const struct summary_row *row,
               struct decompose_parts *parts)
{
	const struct samples *s = summary->samples;
	const struct samples_cell_key *key = &s->cells[row->cell].key;
	const struct sev_traits *traits = sev_traits(row->platform);
	const char *kernel = samples_text(s, key->kernel);
	bool ring0 = !strncmp(kernel, "ring0_", 6);
	double rest = row->median_ns;
	size_t i = 0;

	*parts = (struct decompose_parts){NAN, NAN, NAN, NAN};
	for (; i < sizeof(operations) / sizeof(*operations); i++)
		if (!strcmp(operations[i].kernel, kernel) &&
		    !strcmp(operations[i].variant, samples_text(s, key->variant)))
			break;
	if (i == sizeof(operations) / sizeof(*operations) || row->platform == PLATFORM_NATIVE ||
	    row->accel == ACCEL_TCG || isnan(rest))
		return false;
	if (operations[i].in_kvm) {
		parts->qemu = rest - time_of(summary, row, kernel, operations[i].in_kvm);
		rest -= parts->qemu;
	}
	if (traits->vc && traits->cpuid_page) {
		parts->vc = time_of(summary, row, ring0 ? "ring0_cpuid" : "cpuid", "0x0");
		parts->exit = rest - parts->vc;
	} else if (traits->vc) {
		parts->vc_exit = rest;
	} else {
		parts->exit = rest;
	}
	/* One part is missing, or measured as less than nothing. */
	if (operations[i].in_kvm && !(parts->qemu >= 0))
		return false;
	return parts->vc_exit > 0 || parts->exit >= 0;
}

static void add_part(struct chart *chart, struct chart_series *series, double ns, double *end)
{
	double begin = *end, x = (double)chart->category_count - 1;

	if (isnan(ns))
		return;
	*end += ns / 1000;
	chart_add(chart, series, (struct chart_point){x, ns / 1000, begin, *end});
}

void decompose_chart(const struct summary *summary, struct chart *chart)
{
	static const char *const names[] = {"#VC in the guest", "#VC and exit, not told apart",
	                                    "exit to KVM and back", "to QEMU and back"};
	static const int styles[] = {6, 7, 5, 2};
	const struct samples *s = summary->samples;
	struct chart_panel *panel;

	*chart = (struct chart){.kind = CHART_STACK, .name = "decomposition"};
	snprintf(chart->title, sizeof(chart->title), "World switches taken apart");
	snprintf(chart->x_label, sizeof(chart->x_label), "microseconds, median of one operation");
	panel = chart_panel(chart, "");
	for (int i = 0; i < 4; i++)
		chart_series(chart, panel, names[i], styles[i]);
	for (size_t i = 0; i < summary->count && panel && !chart->no_memory; i++) {
		const struct summary_row *row = &summary->rows[i];
		const struct samples_cell_key *key = &s->cells[row->cell].key;
		struct decompose_parts parts;
		char name[CHART_TEXT];
		double end = 0;

		if (row->side || !decompose(summary, row, &parts))
			continue;
		snprintf(name, sizeof(name), "%.40s %.40s, %s", samples_text(s, key->kernel),
		         samples_text(s, key->variant), platform_name(row->platform));
		chart_category(chart, name);
		add_part(chart, &panel->series[0], parts.vc, &end);
		add_part(chart, &panel->series[1], parts.vc_exit, &end);
		add_part(chart, &panel->series[2], parts.exit, &end);
		add_part(chart, &panel->series[3], parts.qemu, &end);
	}
}
