/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "kernels/buffers.h"

#define CHAINS_MAX 16
#define LINE       64
#define PAGE       4096

/* What a visited line begins with. One cycle leads over all lines of a thread's slice. */
struct node {
	struct node *next;
	uint64_t rank; /* along the cycle, from 0 */
};

typedef void walk_function(struct node **at, uint64_t steps);

/*
 * One loop for each number of chains: all of them one step further, `steps` times. The chains stay
 * in registers, except that sixteen and fifteen leave none for the counter.
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

#define BEGIN(k) struct node *p##k = at[k];
#define STEP(k)  p##k = p##k->next;
#define END(k)   at[k] = p##k;

#define WALK(chains)                                                                               \
	static void chase_##chains(struct node **at, uint64_t steps)                               \
	{                                                                                          \
		EACH_##chains(BEGIN);                                                              \
		for (; steps; steps--) {                                                           \
			EACH_##chains(STEP);                                                       \
		}                                                                                  \
		EACH_##chains(END);                                                                \
	}

WALK(1)
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
        NULL,    chase_1,  chase_2,  chase_3,  chase_4,  chase_5,  chase_6,  chase_7, chase_8,
        chase_9, chase_10, chase_11, chase_12, chase_13, chase_14, chase_15, chase_16};

/* The order in which the cycle takes the lines. */
enum order { RANDOM, PAGE_LOCAL, LINEAR };

static const struct variant variants[] = {
        {"random", "all lines in random order", -1, RANDOM},
        {"page_local", "all lines of a 4 KiB page in random order, then those of another", -1,
         PAGE_LOCAL},
        {"linear", "one line after the other", -1, LINEAR},
};

/* One thread's cycle; a cache line of its own. */
struct walker {
	struct node *at[CHAINS_MAX];
	uint64_t first[CHAINS_MAX]; /* rank that each chain began at */
	uint64_t steps[CHAINS_MAX]; /* that each has made */
} __attribute__((aligned(LINE)));

struct state {
	struct buffers buffers;
	unsigned threads;
	unsigned chains;
	uint64_t stride;
	uint64_t nodes; /* of one thread */
	struct walker *walkers;
};

static const struct buffers_spec arrays = {.count = 1};

static uint64_t nodes_of(const struct cell *cell)
{
	return cell->size / cell->threads / cell_axis(cell, "stride");
}

/* The array, and while it is linked four bytes a node. */
static uint64_t chase_footprint(const struct cell *cell)
{
	return buffers_footprint(cell, &arrays) + nodes_of(cell) * sizeof(uint32_t);
}

static int chase_check(const struct cell *cell, struct err *e)
{
	uint64_t stride = cell_axis(cell, "stride");
	uint64_t chains = cell_axis(cell, "chains");
	uint64_t least = 2 > chains ? 2 : chains;

	if (stride % LINE)
		return err_set(e, EINVAL, "chase: stride %" PRIu64 " is not a multiple of %d bytes",
		               stride, LINE);
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

/* A random order of `count` numbers (Fisher and Yates): every cycle through them is as likely. */
static void shuffle(uint32_t *numbers, uint64_t count, struct mem_random *random)
{
	for (uint64_t left = count; left > 1; left--) {
		uint64_t i = left - 1;
		uint64_t j = mem_random_below(random, left);
		uint32_t t = numbers[i];

		numbers[i] = numbers[j];
		numbers[j] = t;
	}
}

/* Blocks of `block` neighbours keep together, and both the blocks and what is in them are shuffled.
 */
static int shuffle_blocks(uint32_t *numbers, uint64_t count, uint64_t block,
                          struct mem_random *random)
{
	uint64_t blocks = (count + block - 1) / block, at = 0;
	uint32_t *order = malloc(blocks * sizeof(*order));

	if (!order)
		return -ENOMEM;
	for (uint64_t i = 0; i < blocks; i++)
		order[i] = (uint32_t)i;
	shuffle(order, blocks, random);
	for (uint64_t i = 0; i < blocks; i++) {
		uint64_t first = order[i] * block, from = at;

		for (uint64_t j = first; j < first + block && j < count; j++)
			numbers[at++] = (uint32_t)j;
		shuffle(numbers + from, at - from, random);
	}
	free(order);
	return 0;
}

static struct node *node_at(const struct state *s, unsigned thread, uint64_t index)
{
	return (void *)((char *)buffers_slice(&s->buffers, 0, thread) + index * s->stride);
}

/* Link one thread's lines to a cycle, and set its chains out at equal distances along it. */
static int link_nodes(struct state *s, unsigned thread, enum order order, struct mem_random *random)
{
	struct walker *w = &s->walkers[thread];
	uint32_t *numbers = malloc(s->nodes * sizeof(*numbers));
	int rc = 0;

	if (!numbers)
		return -ENOMEM;
	for (uint64_t i = 0; i < s->nodes; i++)
		numbers[i] = (uint32_t)i;
	if (order == RANDOM)
		shuffle(numbers, s->nodes, random);
	else if (order == PAGE_LOCAL)
		rc = shuffle_blocks(numbers, s->nodes, s->stride < PAGE ? PAGE / s->stride : 1,
		                    random);
	for (uint64_t i = 0; !rc && i < s->nodes; i++) {
		struct node *node = node_at(s, thread, numbers[i]);

		node->next = node_at(s, thread, numbers[i + 1 < s->nodes ? i + 1 : 0]);
		node->rank = i;
	}
	for (unsigned k = 0; !rc && k < s->chains; k++) {
		w->first[k] = s->nodes * k / s->chains;
		w->at[k] = node_at(s, thread, numbers[w->first[k]]);
	}
	free(numbers);
	return rc;
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
	struct state *s = calloc(1, sizeof(*s));
	struct mem_random random;
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of chase");
	s->threads = cell->threads;
	s->chains = (unsigned)cell_axis(cell, "chains");
	s->stride = cell_axis(cell, "stride");
	s->nodes = nodes_of(cell);
	s->walkers = aligned_alloc(LINE, cell->threads * sizeof(*s->walkers));
	if (!s->walkers) {
		free(s);
		return err_set(e, ENOMEM, "no memory for the chains of %u threads", cell->threads);
	}
	rc = buffers_open(setup, &arrays, &s->buffers, e);
	mem_random_seed(&random, setup->seed);
	for (unsigned t = 0; !rc && t < s->threads; t++) {
		s->walkers[t] = (struct walker){.at = {NULL}};
		if (link_nodes(s, t, (enum order)cell->variant->value, &random))
			rc = err_set(e, ENOMEM, "no memory to link %" PRIu64 " lines", s->nodes);
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

/* Every line leads to the next rank, and every chain stands where its steps must have led it. */
static int verify_thread(const struct state *s, unsigned thread, struct err *e)
{
	const struct walker *w = &s->walkers[thread];
	uint64_t last = s->nodes - 1;

	for (uint64_t i = 0; i <= last; i++) {
		const struct node *node = node_at(s, thread, i);

		if (node->next->rank != (node->rank == last ? 0 : node->rank + 1))
			return err_set(e, EIO, "line %" PRIu64 " of thread %u leads astray", i,
			               thread);
	}
	for (unsigned k = 0; k < s->chains; k++) {
		uint64_t want = (w->first[k] + w->steps[k]) % (last + 1);

		if (w->at[k]->rank != want)
			return err_set(e, EIO,
			               "chain %u of thread %u ended at line %" PRIu64
			               " of its cycle instead of %" PRIu64,
			               k, thread, w->at[k]->rank, want);
	}
	return 0;
}

static int chase_verify(void *state, struct err *e)
{
	const struct state *s = state;
	int rc = 0;

	for (unsigned t = 0; !rc && t < s->threads; t++)
		rc = verify_thread(s, t, e);
	return rc;
}

static const uint64_t sizes[] = {4 << 10,  16 << 10,  32 << 10,  64 << 10,  256 << 10, 512 << 10,
                                 1 << 20,  2 << 20,   4 << 20,   8 << 20,   16 << 20,  32 << 20,
                                 64 << 20, 128 << 20, 256 << 20, 512 << 20, 1 << 30,   0};

static const struct axis axes[] = {
        {"chains", "independent chains of each thread", 1, CHAINS_MAX,
         (const uint64_t[]){1, AXIS_END}},
        {"stride", "bytes from one line to the next that is used", LINE, 1 << 30,
         (const uint64_t[]){LINE, AXIS_END}},
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
