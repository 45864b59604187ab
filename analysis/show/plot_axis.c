/* SPDX-License-Identifier: MIT */
#include "analysis/show/plot_axis.h"

/* Do the kernel's own parameters vary, other than by some cells being timed alone on request? */
static bool params_vary(const struct samples *s, size_t first, size_t count)
{
	const struct samples_cell *seen = NULL;

	for (size_t i = first; i < first + count; i++) {
		if (samples_single_on_request(s, &s->cells[i].key))
			continue;
		if (seen && seen->key.params != s->cells[i].key.params)
			return true;
		seen = &s->cells[i];
	}
	return false;
}

enum label_part plot_axis(const struct samples *s, size_t first, size_t count)
{
	struct label label;

	label_make(&label, s, first, count);
	if (label.varies[LABEL_SIZE])
		return LABEL_SIZE;
	if (label.varies[LABEL_THREADS])
		return LABEL_THREADS;
	return params_vary(s, first, count) ? LABEL_PARAMS : LABEL_PART_COUNT;
}
