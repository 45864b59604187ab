/* SPDX-License-Identifier: MIT */
#include "bench/select/selection_check.h"

#include <errno.h>

#include "harness/mem_alloc.h"
#include "harness/units.h"

int selection_check_pools(const struct cell *cells, size_t count, int node, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		char text[256];

		if (!mem_pooled(cells[i].pages))
			continue;
		rc = mem_pool_check(cells[i].pages, cells[i].size, node, e);
		if (!rc)
			continue;
		cell_text(&cells[i], text, sizeof(text));
		err_wrap(e, rc, "%s", text);
	}
	return rc;
}

int selection_check_memory(const struct cell *cells, size_t count, uint64_t available,
                           const char *where, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t need = cell_footprint(&cells[i]);
		char a[UNITS_TEXT], b[UNITS_TEXT], text[256];

		if (!available || need <= available || mem_pooled(cells[i].pages))
			continue;
		cell_text(&cells[i], text, sizeof(text));
		return err_set(e, EINVAL,
		               "%s needs %s of memory, and %s has %s free: choose a smaller --size",
		               text, units_size(need, a), where,
		               units_size(available >> 20 << 20, b));
	}
	return 0;
}
