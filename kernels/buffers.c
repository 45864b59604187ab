/* SPDX-License-Identifier: MIT */
#include "kernels/buffers.h"
#include "harness/mem_alloc.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

int buffers_check(const struct cell *cell, struct err *e)
{
	uint64_t unit = (uint64_t)cell->threads * BUFFERS_STEP;

	if (!cell->size || cell->size % unit)
		return err_set(e, EINVAL,
		               "%s: size %" PRIu64 " is not a multiple of %" PRIu64
		               " bytes (%d for each of %u threads)",
		               cell->kernel->name, cell->size, unit, BUFFERS_STEP, cell->threads);
	return 0;
}

uint64_t buffers_footprint(const struct cell *cell, const struct buffers_spec *spec)
{
	uint64_t page = mem_page_bytes(cell->pages);
	uint64_t total = 0;

	for (unsigned i = 0; i < spec->count; i++)
		total += (cell->size + spec->offset[i] + page - 1) / page * page;
	return total;
}

int buffers_open(const struct setup *setup, const struct buffers_spec *spec,
                 struct buffers *buffers, struct err *e)
{
	const struct cell *cell = setup->cell;

	memset(buffers, 0, sizeof(*buffers));
	buffers->bytes = cell->size;
	buffers->slice = cell->size / cell->threads;
	for (; buffers->count < spec->count; buffers->count++) {
		unsigned i = buffers->count;
		struct mem_spec want = {
		        .bytes = cell->size + spec->offset[i],
		        .pages = cell->pages,
		        .backing = cell->backing,
		        .fill = cell->fill,
		        .node = setup->node,
		        .seed = setup->seed + i,
		};
		int rc = mem_alloc(&want, &buffers->mem[i], e);

		if (rc) {
			buffers_close(buffers);
			return rc;
		}
		buffers->start[i] = (char *)buffers->mem[i].base + spec->offset[i];
	}
	return 0;
}

void buffers_close(struct buffers *buffers)
{
	while (buffers->count)
		mem_free(&buffers->mem[--buffers->count]);
}
