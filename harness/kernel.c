/* SPDX-License-Identifier: MIT */
#include "harness/kernel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/text.h"
#include "harness/units.h"

uint64_t cell_axis(const struct cell *cell, const char *name)
{
	const struct kernel *k = cell->kernel;

	for (size_t i = 0; i < k->axis_count; i++) {
		if (!strcmp(k->axes[i].name, name))
			return cell->axis[i];
	}
	fprintf(stderr, "kernel %s declares no axis called %s\n", k->name, name);
	abort();
}

const struct variant *kernel_variant(const struct kernel *kernel, const char *name)
{
	for (size_t i = 0; i < kernel->variant_count; i++) {
		if (!strcmp(kernel->variants[i].name, name))
			return &kernel->variants[i];
	}
	return NULL;
}

uint64_t cell_footprint(const struct cell *cell)
{
	return cell->kernel->footprint ? cell->kernel->footprint(cell) : cell->size;
}

void cell_params(const struct cell *cell, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < cell->kernel->axis_count; i++)
		text_add(text, size, "%s%s=%" PRIu64, i ? ";" : "", cell->kernel->axes[i].name,
		         cell->axis[i]);
	if (cell->single)
		text_add(text, size, "%stiming=single", *text ? ";" : "");
}

/* The axes that do not have their first value. */
static void put_unusual_axes(const struct cell *cell, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < cell->kernel->axis_count; i++) {
		const struct axis *axis = &cell->kernel->axes[i];

		if (cell->axis[i] != axis->values[0])
			text_add(text, size, " %s=%" PRIu64, axis->name, cell->axis[i]);
	}
}

void cell_text(const struct cell *cell, char *text, size_t size)
{
	char bytes[UNITS_TEXT], axes[256], memory[128] = "", threads[32] = "";

	put_unusual_axes(cell, axes, sizeof(axes));
	if (cell->kernel->flags & KERNEL_MEMORY)
		snprintf(memory, sizeof(memory), " %s %s%s%s%s%s", units_size(cell->size, bytes),
		         mem_pages_name(cell->pages), cell->backing == MEM_PRIVATE ? "" : " ",
		         cell->backing == MEM_PRIVATE ? "" : mem_backing_name(cell->backing),
		         cell->fill == MEM_RANDOM ? "" : " fill=",
		         cell->fill == MEM_RANDOM ? "" : mem_fill_name(cell->fill));
	if (cell->threads > 1)
		snprintf(threads, sizeof(threads), " threads=%u", cell->threads);
	snprintf(text, size, "%s/%s%s%s%s%s", cell->kernel->name, cell->variant->name, memory,
	         threads, axes, cell->single ? " timing=single" : "");
}
