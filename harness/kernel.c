/* SPDX-License-Identifier: MIT */
#include "harness/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
