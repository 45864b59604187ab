/* SPDX-License-Identifier: MIT */
#include "bench/run/run_order.h"

#include "harness/mem.h"
#include "harness/mem_random.h"

void run_order(size_t *order, size_t count, uint64_t seed)
{
	struct mem_random random;

	mem_random_seed(&random, seed);
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = count; i > 1; i--) { /* Fisher and Yates */
		size_t j = mem_random_below(&random, i), swap = order[i - 1];

		order[i - 1] = order[j];
		order[j] = swap;
	}
}

static bool is_early(const struct suite *suite, size_t i)
{
	const struct cell *cell = &suite->cells[i].cell;

	return cell->kernel->early && cell->kernel->early(cell);
}

void run_order_cells(const struct suite *suite, uint64_t seed, size_t *order)
{
	size_t early = 0;

	run_order(order, suite->count, seed);
	for (size_t i = 0; i < suite->count; i++) {
		size_t moved = order[i];

		if (!is_early(suite, moved))
			continue;
		order[i] = order[early];
		order[early++] = moved;
	}
}
