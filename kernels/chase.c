/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/mem_random.h"
#include "kernels/buffers.h"
#include "kernels/cycle.h"

#define CHAINS_MAX 16

typedef void walk_function(struct cycle_node **at, uint64_t steps);

/*
 * One loop for each number of chains: all of them one step further, `steps` times. The chains stay
 * in registers, as far as there are any.
 */
#define EACH_1(x)  x(0)
#define EACH_2(x)  EACH_1(x) x(1)
#define EACH_3(x)  EACH_2(x) x(2)
#define EACH_4(x)  EACH_3(x) x(3)
#define EACH_5(x)  EACH_4(x) x(4)
#define EACH_6(x)  EACH_5(x) x(5)
#define EACH_7(x)  EACH_6(x) x(6)
#define EACH_8(x)  EACH_7(x) x(7)
#define EACH_9(x)  EACH_8(x) x(8)
#define EACH_10(x) EACH_9(x) x(9)
#define EACH_11(x) EACH_10(x) x(10)
#define EACH_12(x) EACH_11(x) x(11)
#define EACH_13(x) EACH_12(x) x(12)
#define EACH_14(x) EACH_13(x) x(13)
#define EACH_15(x) EACH_14(x) x(14)
#define EACH_16(x) EACH_15(x) x(15)

#define BEGIN(k) struct cycle_node *p##k = at[k];
#define STEP(k)  p##k = p##k->next;
#define END(k)   at[k] = p##k;

#define WALK(chains)                                                                               \
	static void chase_##chains(struct cycle_node **at, uint64_t steps)                         \
	{                                                                                          \
		EACH_##chains(BEGIN);                                                              \
		for (; steps; steps--) {                                                           \
			EACH_##chains(STEP);                                                       \
		}                                                                                  \
		EACH_##chains(END);                                                                \
	}

WALK(2)
WALK(3)
WALK(4)
WALK(5)
WALK(6)
WALK(7)
WALK(8)
WALK(9)
WALK(10)
WALK(11)
WALK(12)
WALK(13)
WALK(14)
WALK(15)
WALK(16)

static walk_function *const walks[CHAINS_MAX + 1] = {
        NULL,    cycle_walk, chase_2,  chase_3,  chase_4,  chase_5,  chase_6,  chase_7, chase_8,
        chase_9, chase_10,   chase_11, chase_12, chase_13, chase_14, chase_15, chase_16};

static const struct variant variants[] = {
        {"random", "all lines in random order", -1, CYCLE_RANDOM},
        {"page_local", "all lines of a 4 KiB page in random order, then those of another", -1,
         CYCLE_PAGE_LOCAL},
        {"linear", "one line after the other", -1, CYCLE_LINEAR},
};

/* One thread's chains; in cache lines of their own. */
struct walker {
	struct cycle cycle;
	struct cycle_node *at[CHAINS_MAX];
	uint64_t steps[CHAINS_MAX]; /* that each has made */
} __attribute__((aligned(CYCLE_LINE)));

struct state {
	struct buffers buffers;
	unsigned threads;
	unsigned chains;
	struct walker *walkers;
};

static const struct buffers_spec arrays = {.count = 1};

static uint64_t nodes_of(const struct cell *cell)
{
	return cell->size / cell->threads / cell_axis(cell, "stride");
}

static uint64_t chase_footprint(const struct cell *cell)
{
	return buffers_footprint(cell, &arrays) + cycle_scratch(nodes_of(cell));
}

static int chase_check(const struct cell *cell, struct err *e)
{
	uint64_t stride = cell_axis(cell, "stride");
	uint64_t chains = cell_axis(cell, "chains");
	uint64_t least = 2 > chains ? 2 : chains;

	if (stride % CYCLE_LINE)
		return err_set(e, EINVAL, "chase: stride %" PRIu64 " is not a multiple of %d bytes",
		               stride, CYCLE_LINE);
	if (!cell->size || cell->size % (cell->threads * stride))
		return err_set(e, EINVAL,
		               "chase: size %" PRIu64 " is not a multiple of %" PRIu64
		               " bytes (the stride for each of %u threads)",
		               cell->size, cell->threads * stride, cell->threads);
	if (nodes_of(cell) < least)
		return err_set(e, EINVAL,
		               "chase: size %" PRIu64 " has %" PRIu64
		               " lines a thread, and %" PRIu64 " chains need at least %" PRIu64,
		               cell->size, nodes_of(cell), chains, least);
	if (nodes_of(cell) > UINT32_MAX)
		return err_set(e, EINVAL, "chase: more than %u lines a thread", UINT32_MAX);
	return 0;
}

static void chase_teardown(void *state)
{
	struct state *s = state;

	buffers_close(&s->buffers);
	free(s->walkers);
	free(s);
}

static int chase_setup(const struct setup *setup, void **state, struct err *e)
{
	const struct cell *cell = setup->cell;
	size_t bytes = cell->threads * sizeof(struct walker);
	struct state *s = calloc(1, sizeof(*s));
	struct mem_random random;
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of chase");
	s->threads = cell->threads;
	s->chains = (unsigned)cell_axis(cell, "chains");
	s->walkers = aligned_alloc(CYCLE_LINE, bytes);
	if (!s->walkers) {
		chase_teardown(s);
		return err_set(e, ENOMEM, "no memory for the chains of %u threads", cell->threads);
	}
	memset(s->walkers, 0, bytes);
	rc = buffers_open(setup, &arrays, &s->buffers, e);
	mem_random_seed(&random, setup->seed);
	for (unsigned t = 0; !rc && t < s->threads; t++) {
		struct walker *w = &s->walkers[t];

		w->cycle = (struct cycle){.base = buffers_slice(&s->buffers, 0, t),
		                          .nodes = nodes_of(cell),
		                          .stride = cell_axis(cell, "stride")};
		rc = cycle_link(&w->cycle, (enum cycle_order)cell->variant->value, &random, w->at,
		                s->chains, e);
	}
	if (rc)
		chase_teardown(s);
	else
		*state = s;
	return rc;
}

/* An iteration is one load: the chains share the iterations, the first ones take what is left over.
 */
static void chase_run(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;
	struct walker *w = &s->walkers[thread];
	uint64_t rounds = iterations / s->chains;
	unsigned left = (unsigned)(iterations % s->chains);

	walks[s->chains](w->at, rounds);
	if (left)
		walks[left](w->at, 1);
	for (unsigned k = 0; k < s->chains; k++)
		w->steps[k] += rounds + (k < left);
}

/* The cycle is whole, and every chain stands where its steps must have led it. */
static int chase_verify(void *state, struct err *e)
{
	const struct state *s = state;

	for (unsigned t = 0; t < s->threads; t++) {
		const struct walker *w = &s->walkers[t];
		int rc = cycle_verify(&w->cycle, e);

		if (rc)
			return err_wrap(e, rc, "thread %u", t);
		for (unsigned k = 0; k < s->chains; k++) {
			uint64_t first = cycle_start(&w->cycle, k, s->chains);
			uint64_t want = (first + w->steps[k]) % w->cycle.nodes;

			if (w->at[k]->rank != want)
				return err_set(e, EIO,
				               "chain %u of thread %u ended at line %" PRIu64
				               " of its cycle instead of %" PRIu64,
				               k, t, w->at[k]->rank, want);
		}
	}
	return 0;
}

static const uint64_t sizes[] = {4 << 10,  16 << 10,  32 << 10,  64 << 10,  256 << 10, 512 << 10,
                                 1 << 20,  2 << 20,   4 << 20,   8 << 20,   16 << 20,  32 << 20,
                                 64 << 20, 128 << 20, 256 << 20, 512 << 20, 1 << 30,   0};

static const struct axis axes[] = {
        {"chains", "independent chains of each thread", 1, CHAINS_MAX,
         (const uint64_t[]){1, AXIS_END}},
        {"stride", "bytes from one line to the next that is used", CYCLE_LINE, 1 << 30,
         (const uint64_t[]){CYCLE_LINE, AXIS_END}},
};

const struct kernel kernel_chase = {
        .name = "chase",
        .summary =
                "Follows one cycle of pointers through all lines of the given size. An iteration "
                "is one load; with one chain its time is the latency of a load.",
        .unit = UNIT_LATENCY,
        .flags = KERNEL_MEMORY | KERNEL_THREADS,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .sizes = sizes,
        .axes = axes,
        .axis_count = sizeof(axes) / sizeof(axes[0]),
        .footprint = chase_footprint,
        .check = chase_check,
        .setup = chase_setup,
        .run = chase_run,
        /* No baseline: the loop's counter runs in the shadow of the loads. */
        .verify = chase_verify,
        .teardown = chase_teardown,
};
