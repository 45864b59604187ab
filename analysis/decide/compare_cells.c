/* SPDX-License-Identifier: MIT */
#include "analysis/decide/compare_cells.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What `row` is compared with; NULL when nothing like it was measured. */
static const struct summary_row *reference_of(const struct compare *c,
                                              const struct summary_row *row)
{
	const struct summary_row *found = NULL;

	if (c->options.sides) {
		found = summary_find(c->summary, row->cell, row->platform, row->accel, 1);
		return found && found->rounds ? found : NULL;
	}
	for (int accel = 0; accel < ACCEL_COUNT && !(found && found->rounds); accel++)
		found = summary_find(c->summary, row->cell, (unsigned)c->reference,
		                     (enum accel)accel, 0);
	return found && found->rounds ? found : NULL;
}

/* Is `k` behind the platform of `row` in the order of one kernel (> 0), of it (0), or before? */
static int order_kernel(const struct compare_kernel *k, const struct summary_row *row)
{
	int order = (int)target_place(k->platform) - (int)target_place(row->platform);

	return order ? order : (int)k->accel - (int)row->accel;
}

/* The kernel and platform of a row, made in its place where it is new. Rows come by kernel. */
static void add_kernel(struct compare *c, const struct summary_row *row)
{
	uint32_t kernel = c->summary->samples->cells[row->cell].key.kernel;
	size_t k = c->kernel_count;

	while (k > 0 && c->kernels[k - 1].kernel == kernel &&
	       order_kernel(&c->kernels[k - 1], row) > 0)
		k--;
	if (k > 0 && c->kernels[k - 1].kernel == kernel &&
	    order_kernel(&c->kernels[k - 1], row) == 0)
		return;
	memmove(&c->kernels[k + 1], &c->kernels[k], (c->kernel_count - k) * sizeof(*c->kernels));
	c->kernels[k] = (struct compare_kernel){
	        .kernel = kernel,
	        .platform = row->platform,
	        .accel = row->accel,
	        .ratio = NAN,
	        .low = NAN,
	        .high = NAN,
	        .note = "",
	};
	c->kernel_count++;
}

/* Once all are there; `from` is where that of the row before was. */
static size_t find_kernel(const struct compare *c, const struct summary_row *row, size_t from)
{
	uint32_t kernel = c->summary->samples->cells[row->cell].key.kernel;

	while (from > 0 && c->kernels[from - 1].kernel == c->kernels[from].kernel)
		from--;
	while (c->kernels[from].kernel != kernel || order_kernel(&c->kernels[from], row) != 0)
		from++;
	return from;
}

/* Every measured row but the references. */
int compare_cells_list(struct compare *c, struct err *e)
{
	const struct summary *summary = c->summary;
	size_t count = 0, kernel = 0;

	c->cells = calloc(summary->count + 1, sizeof(*c->cells));
	c->kernels = calloc(summary->count + 1, sizeof(*c->kernels));
	if (!c->cells || !c->kernels)
		return err_set(e, ENOMEM, "no memory to compare %zu cells", summary->count);
	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		const struct summary_row *reference;

		if (!row->rounds || row->side)
			continue;
		reference = reference_of(c, row);
		if (reference == row)
			continue;
		add_kernel(c, row);
		c->cells[count++] = (struct compare_cell){
		        .row = row,
		        .reference = reference,
		        .ratio = NAN,
		        .low = NAN,
		        .high = NAN,
		        .p = NAN,
		        .q = NAN,
		        .verdict = COMPARE_UNDECIDED,
		        .note = reference ? "" : "the reference was not measured",
		};
	}
	for (size_t i = 0; i < count; i++) {
		kernel = find_kernel(c, c->cells[i].row, kernel);
		c->cells[i].kernel = kernel;
	}
	c->cell_count = count;
	return 0;
}
