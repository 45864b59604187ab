/* SPDX-License-Identifier: MIT */
#include "analysis/decide/decompose.h"

#include <math.h>
#include <string.h>

#include "analysis/decide/host_paths.h"

/* The median of a cell without size on the platform of `like`; NaN when it was not measured,
 * or did not leave the guest as its part needs it. */
static double time_of(const struct summary *summary, const struct summary_row *like,
                      const char *kernel, const char *variant)
{
	const struct samples *s = summary->samples;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		const struct samples_cell_key *key = &s->cells[row->cell].key;

		if (row->platform == like->platform && row->accel == like->accel &&
		    row->side == like->side && !strcmp(samples_text(s, key->kernel), kernel) &&
		    !strcmp(samples_text(s, key->variant), variant) &&
		    !samples_single_on_request(s, key))
			return row->exits_wrong ? (double)NAN : row->median_ns;
	}
	return (double)NAN;
}

static bool in_ring0(const char *kernel)
{
	return !strncmp(kernel, "ring0_", 6);
}

/* #VC alone, in the ring of `kernel`: what Linux answers by itself there; NaN where nothing is. */
static double vc_time(const struct summary *summary, const struct switches *switches,
                      const struct summary_row *like, const char *kernel)
{
	double ns = NAN;

	for (size_t i = 0; i < switches->count && isnan(ns); i++) {
		const struct switches_row *row = &switches->rows[i];

		if (row->path[target_platform(like->platform)] == SWITCHES_VC &&
		    in_ring0(row->kernel) == in_ring0(kernel))
			ns = time_of(summary, like, row->kernel, row->variant);
	}
	return ns;
}

bool decompose(const struct summary *summary, const struct switches *switches,
               const struct summary_row *row, struct decompose_parts *parts)
{
	const struct samples *s = summary->samples;
	const struct samples_cell_key *key = &s->cells[row->cell].key;
	const char *kernel = samples_text(s, key->kernel);
	const struct switches_row *known =
	        host_paths_find(summary, switches, kernel, samples_text(s, key->variant),
	                        samples_text(s, key->params));
	enum switches_path path =
	        known ? known->path[target_platform(row->platform)] : SWITCHES_UNKNOWN;
	bool to_qemu = path == SWITCHES_QEMU || path == SWITCHES_VC_QEMU;
	double rest = row->median_ns;

	*parts = (struct decompose_parts){NAN, NAN, NAN, NAN};
	if (!known || !known->bar || path == SWITCHES_UNKNOWN || path == SWITCHES_NONE ||
	    row->accel == ACCEL_TCG || isnan(rest) || row->exits_wrong)
		return false;
	if (to_qemu) {
		parts->qemu = rest - time_of(summary, row, kernel, known->in_kvm);
		rest -= parts->qemu;
	}
	if (path == SWITCHES_VC) {
		parts->vc = rest;
	} else if (path == SWITCHES_VC_KVM || path == SWITCHES_VC_QEMU) {
		parts->vc = vc_time(summary, switches, row, kernel);
		if (isnan(parts->vc))
			parts->vc_exit = rest;
		else
			parts->exit = rest - parts->vc;
	} else {
		parts->exit = rest;
	}
	/* One part is missing, or measured as less than nothing. */
	if (to_qemu && !(parts->qemu >= 0))
		return false;
	return parts->vc_exit > 0 || parts->exit >= 0 || path == SWITCHES_VC;
}
