/* SPDX-License-Identifier: MIT */
#include "analysis/decide/compare_cells.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/guest_linux.h"
#include "analysis/decide/host_paths.h"
#include "analysis/decide/libc_ways.h"

/* What `row` is compared with, measured where anything like it was; NULL when nobody planned it. */
static const struct summary_row *reference_of(const struct compare *c,
                                              const struct summary_row *row)
{
	const struct summary_row *found = NULL, *one;

	if (c->options.sides)
		return summary_find(c->summary, row->cell, row->platform, row->accel, 1);
	for (int accel = 0; accel < ACCEL_COUNT && !(found && found->rounds); accel++) {
		one = summary_find(c->summary, row->cell, (unsigned)c->reference, (enum accel)accel,
		                   0);
		found = one ? one : found;
	}
	return found;
}

int compare_cells_note(struct compare *c, const char *text, const char **note, struct err *e)
{
	uint32_t id;
	int rc = intern_add(&c->notes, text, strlen(text), &id, e);

	if (!rc)
		*note = intern_text(&c->notes, id);
	return rc;
}

/* Why there is nothing to compare with: the reason of a reference that has no result. */
static int note_missing(struct compare *c, const struct summary_row *reference, const char **note,
                        struct err *e)
{
	struct summary_why why;
	char text[sizeof(why.what) + 64];

	*note = "the reference was not measured";
	if (!reference || !summary_why(c->summary, reference, &why))
		return 0;
	snprintf(text, sizeof(text), "the reference has no result: %s %s",
	         target_name(reference->platform), why.what);
	return compare_cells_note(c, text, note, e);
}

/* Times with and without their empty loop are of different things. */
static bool loops_apart(const struct compare *c, const struct summary_row *row,
                        const struct summary_row *reference, char text[256])
{
	if (summary_row_loops_apart(row, reference))
		snprintf(text, 256,
		         "not comparable: the empty loop is taken off in %u of %u rounds of %s%s "
		         "and in %u of %u of %s%s",
		         row->loops, row->rounds, target_name(row->platform),
		         c->options.sides ? " now" : "", reference->loops, reference->rounds,
		         target_name(reference->platform), c->options.sides ? " before" : "");
	return summary_row_loops_apart(row, reference);
}

/* Why a row is not compared with its reference; "": it is. */
static int note_row(struct compare *c, const struct summary_row *row,
                    const struct summary_row *reference, const char **note, struct err *e)
{
	char text[256];

	*note = "";
	if (!reference || !reference->rounds)
		return note_missing(c, reference, note, e);
	return loops_apart(c, row, reference, text) || guest_linux_apart(c->summary, row, text) ||
	                       host_paths_apart(c->summary, row, reference, text) ||
	                       libc_ways_apart(c->summary, row, reference, text)
	               ? compare_cells_note(c, text, note, e)
	               : 0;
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
		const char *note;
		int rc;

		if (!row->rounds || row->side)
			continue;
		reference = reference_of(c, row);
		if (reference == row)
			continue;
		rc = note_row(c, row, reference, &note, e);
		if (rc)
			return rc;
		if (reference && !reference->rounds)
			reference = NULL;
		add_kernel(c, row);
		c->cells[count++] = (struct compare_cell){
		        .row = row,
		        .reference = reference,
		        .ratio = NAN,
		        .low = NAN,
		        .high = NAN,
		        .error = NAN,
		        .freedom = NAN,
		        .samples_share = NAN,
		        .clock = NAN,
		        .finds = NAN,
		        .scatter = "",
		        .p = NAN,
		        .q = NAN,
		        .verdict = COMPARE_UNDECIDED,
		        .note = note,
		};
	}
	for (size_t i = 0; i < count; i++) {
		kernel = find_kernel(c, c->cells[i].row, kernel);
		c->cells[i].kernel = kernel;
	}
	c->cell_count = count;
	return 0;
}
