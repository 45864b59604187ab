/* SPDX-License-Identifier: MIT */
/*
 * One cycle of pointers through lines of memory: whoever follows it loads from every line once
 * before any line again, and cannot load the next before the last has come.
 */
#ifndef KERNELS_CYCLE_H
#define KERNELS_CYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/kernel.h"
#include "harness/mem_random.h"

#define CYCLE_LINE 64
#define CYCLE_PAGE 4096

/* What a line of the cycle begins with. */
struct cycle_node {
	struct cycle_node *next;
	uint64_t rank; /* along the cycle, from 0 */
};

/* The order in which the cycle takes the lines. */
enum cycle_order {
	CYCLE_RANDOM,     /* every order of all lines is as likely */
	CYCLE_PAGE_LOCAL, /* all lines of a 4 KiB page in random order, then those of another */
	CYCLE_LINEAR      /* in order of address */
};

struct cycle {
	char *base;
	uint64_t nodes;  /* 2 or more, at most UINT32_MAX */
	uint64_t stride; /* bytes from one line to the next: a multiple of CYCLE_LINE */
	bool rotate;     /* a different line in each stride, so that no cache set has them all */
};

/* Line `index` in order of address. */
static inline struct cycle_node *cycle_node(const struct cycle *cycle, uint64_t index)
{
	uint64_t line = cycle->rotate ? index % (cycle->stride / CYCLE_LINE) : 0;

	return (void *)(cycle->base + index * cycle->stride + line * CYCLE_LINE);
}

/* Bytes that cycle_link() needs for a while, beside the lines. */
uint64_t cycle_scratch(uint64_t nodes);

/*
 * Link the lines, and set start[k], for k below `starts`, to the line of rank cycle_start(cycle, k,
 * starts): equal distances along the cycle. -ENOMEM when there is no scratch memory.
 */
int cycle_link(const struct cycle *cycle, enum cycle_order order, struct mem_random *random,
               struct cycle_node **start, unsigned starts, struct err *e);

static inline uint64_t cycle_start(const struct cycle *cycle, unsigned k, unsigned starts)
{
	return cycle->nodes * k / starts;
}

/* Is it still one cycle, in the order it was linked? -EIO names the first line that leads astray.
 */
int cycle_verify(const struct cycle *cycle, struct err *e);

/* Follow the cycle from *at, `steps` loads, each of which needs the one before. */
void cycle_walk(struct cycle_node **at, uint64_t steps);

#endif
