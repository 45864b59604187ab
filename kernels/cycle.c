/* SPDX-License-Identifier: MIT */
#include "kernels/cycle.h"
#include "harness/mem_random.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

uint64_t cycle_scratch(uint64_t nodes)
{
	return nodes * sizeof(uint32_t);
}

/* A random order of `count` numbers (Fisher and Yates). */
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

/* Blocks of `block` neighbours keep together; the blocks and what is in them are shuffled. */
static int shuffle_blocks(uint32_t *numbers, uint64_t count, uint64_t block,
                          struct mem_random *random)
{
	uint64_t blocks = (count + block - 1) / block;
	uint64_t at = 0;
	uint32_t *order = malloc(blocks * sizeof(*order));

	if (!order)
		return -ENOMEM;
	for (uint64_t i = 0; i < blocks; i++)
		order[i] = (uint32_t)i;
	shuffle(order, blocks, random);
	for (uint64_t i = 0; i < blocks; i++) {
		uint64_t first = order[i] * block;
		uint64_t from = at;

		for (uint64_t j = first; j < first + block && j < count; j++)
			numbers[at++] = (uint32_t)j;
		shuffle(numbers + from, at - from, random);
	}
	free(order);
	return 0;
}

static int put_in_order(const struct cycle *cycle, enum cycle_order order,
                        struct mem_random *random, uint32_t *numbers)
{
	uint64_t page = cycle->stride < CYCLE_PAGE ? CYCLE_PAGE / cycle->stride : 1;

	for (uint64_t i = 0; i < cycle->nodes; i++)
		numbers[i] = (uint32_t)i;
	if (order == CYCLE_RANDOM)
		shuffle(numbers, cycle->nodes, random);
	else if (order == CYCLE_PAGE_LOCAL)
		return shuffle_blocks(numbers, cycle->nodes, page, random);
	return 0;
}

int cycle_link(const struct cycle *cycle, enum cycle_order order, struct mem_random *random,
               struct cycle_node **start, unsigned starts, struct err *e)
{
	uint32_t *numbers = malloc(cycle_scratch(cycle->nodes));

	if (!numbers || put_in_order(cycle, order, random, numbers)) {
		free(numbers);
		return err_set(e, ENOMEM, "no memory to link %" PRIu64 " lines", cycle->nodes);
	}
	for (uint64_t i = 0; i < cycle->nodes; i++) {
		struct cycle_node *node = cycle_node(cycle, numbers[i]);

		node->next = cycle_node(cycle, numbers[i + 1 < cycle->nodes ? i + 1 : 0]);
		node->rank = i;
	}
	for (unsigned k = 0; k < starts; k++)
		start[k] = cycle_node(cycle, numbers[cycle_start(cycle, k, starts)]);
	free(numbers);
	return 0;
}

int cycle_verify(const struct cycle *cycle, struct err *e)
{
	for (uint64_t i = 0; i < cycle->nodes; i++) {
		const struct cycle_node *node = cycle_node(cycle, i);
		uint64_t next = node->rank + 1 < cycle->nodes ? node->rank + 1 : 0;

		if (node->next->rank != next)
			return err_set(e, EIO, "line %" PRIu64 " of the cycle leads astray", i);
	}
	return 0;
}

void cycle_walk(struct cycle_node **at, uint64_t steps)
{
	const struct cycle_node *p = *at;

	for (; steps; steps--)
		p = p->next;
	*at = (struct cycle_node *)p;
}
