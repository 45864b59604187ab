/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "harness/mem_random.h"
#include "kernels/buffers.h"
#include "kernels/cycle.h"

/* How the lines lie. Both ways there is one for each 4 KiB of the size. */
enum layout {
	PAGES, /* each in its own 4 KiB: every load needs another translation of 4 KiB pages */
	PACKED /* side by side: as many lines in the caches, and hardly any translations */
};

static const struct variant variants[] = {
        {"pages", "one line of each 4 KiB, in random order", -1, PAGES},
        {"packed", "as many lines side by side: the same without the TLB", -1, PACKED},
};

struct state {
	struct buffers buffers;
	struct cycle cycle;
	struct cycle_node *at;
	uint64_t steps; /* that were made */
};

static const struct buffers_spec arrays = {.count = 1};

static uint64_t tlb_footprint(const struct cell *cell)
{
	return buffers_footprint(cell, &arrays) + cycle_scratch(cell->size / CYCLE_PAGE);
}

static int tlb_check(const struct cell *cell, struct err *e)
{
	if (cell->size % CYCLE_PAGE || cell->size / CYCLE_PAGE < 2)
		return err_set(e, EINVAL,
		               "tlb: size %" PRIu64 " is not a multiple of %d bytes, at least two",
		               cell->size, CYCLE_PAGE);
	if (cell->size / CYCLE_PAGE > UINT32_MAX)
		return err_set(e, EINVAL, "tlb: size %" PRIu64 " has more than %u pages",
		               cell->size, UINT32_MAX);
	return 0;
}

static void tlb_teardown(void *state)
{
	struct state *s = state;

	buffers_close(&s->buffers);
	free(s);
}

static int tlb_setup(const struct setup *setup, void **state, struct err *e)
{
	const struct cell *cell = setup->cell;
	bool packed = cell->variant->value == PACKED;
	struct state *s = calloc(1, sizeof(*s));
	struct mem_random random;
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of tlb");
	rc = buffers_open(setup, &arrays, &s->buffers, e);
	if (!rc) {
		s->cycle = (struct cycle){.base = buffers_slice(&s->buffers, 0, 0),
		                          .nodes = cell->size / CYCLE_PAGE,
		                          .stride = packed ? CYCLE_LINE : CYCLE_PAGE,
		                          .rotate = !packed};
		mem_random_seed(&random, setup->seed);
		rc = cycle_link(&s->cycle, CYCLE_RANDOM, &random, &s->at, 1, e);
	}
	if (rc)
		tlb_teardown(s);
	else
		*state = s;
	return rc;
}

static void tlb_run(void *state, unsigned thread, uint64_t iterations)
{
	struct state *s = state;

	(void)thread;
	cycle_walk(&s->at, iterations);
	s->steps += iterations;
}

static int tlb_verify(void *state, struct err *e)
{
	const struct state *s = state;

	if (s->at->rank != s->steps % s->cycle.nodes)
		return err_set(e, EIO, "%" PRIu64 " steps ended at page %" PRIu64, s->steps,
		               s->at->rank);
	return cycle_verify(&s->cycle, e);
}

static const uint64_t sizes[] = {256 << 10, 1 << 20,  2 << 20,  4 << 20,   8 << 20,
                                 16 << 20,  32 << 20, 64 << 20, 128 << 20, 256 << 20,
                                 512 << 20, 1 << 30,  0};

const struct kernel kernel_tlb = {
        .name = "tlb",
        .summary = "Follows a random cycle through one line of each 4 KiB of the given size. An "
                   "iteration is one load; pages against packed is what translation costs, in a "
                   "guest with its nested page walk.",
        .unit = UNIT_LATENCY,
        .flags = KERNEL_MEMORY,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .sizes = sizes,
        .footprint = tlb_footprint,
        .check = tlb_check,
        .setup = tlb_setup,
        .run = tlb_run,
        /* No baseline: the loop's counter runs in the shadow of the loads. */
        .verify = tlb_verify,
        .teardown = tlb_teardown,
};
