/* SPDX-License-Identifier: MIT */
/* Where threads run: one per physical core, inside one L3 and NUMA node first (hwloc). */
#ifndef HARNESS_PLACE_H
#define HARNESS_PLACE_H

#include <stdbool.h>

#include "harness/err.h"

#define PLACE_MAX 1024 /* CPUs in one placement */

struct place {
	unsigned count;          /* CPUs chosen, one a thread */
	unsigned cpu[PLACE_MAX]; /* Linux CPU numbers, in thread order */
	int node;                /* NUMA node of the first CPU; -1 where there is none */
	bool shares_core;        /* more threads than physical cores: two share one */
};

/*
 * Choose `threads` CPUs among those the affinity mask allows. With a list (`cpus`: "2", "0-3,8";
 * NULL to choose by topology) the list is taken in its order and must name at least `threads`
 * allowed, existing CPUs. The error names the CPU, the mask and the remedy (-EINVAL).
 */
int place_choose(unsigned threads, const char *cpus, struct place *place, struct err *e);

/* Pin the calling thread to one CPU, and wait until it runs there. */
int place_pin(unsigned cpu, struct err *e);

/* "2" or "2;4;6": the CPUs as they stand in a CSV field. */
void place_text(const struct place *place, char *text, unsigned size);

/* The number of NUMA nodes, and whether `node` is one that has memory. */
bool place_node_exists(int node);

#endif
