/* SPDX-License-Identifier: MIT */
/* Where threads run: CPUs, and the NUMA nodes that they belong to. place_choose.h chooses. */
#ifndef HARNESS_PLACE_H
#define HARNESS_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/err.h"

#define PLACE_MAX   1024 /* CPUs in one placement */
#define PLACE_NODES 1024 /* NUMA nodes that Linux can have (CONFIG_NODES_SHIFT is at most 10) */

struct place {
	unsigned count;          /* CPUs chosen, one a thread */
	unsigned cpu[PLACE_MAX]; /* Linux CPU numbers, in thread order */
	int node;                /* NUMA node of the first CPU; -1 where there is none */
	bool shares_core;        /* more threads than physical cores: two share one */
	unsigned core_threads; /* every core has so many CPUs here, one behind the other; 0: not so
	                        */
};

/* How near two CPUs are to one another, as hwloc sees it. */
enum place_relation {
	PLACE_ANY,   /* as place_choose has them */
	PLACE_SMT,   /* hardware threads of one core */
	PLACE_L3,    /* cores that share an L3 */
	PLACE_NODE,  /* cores of one NUMA node that share no L3, as far as Linux says */
	PLACE_REMOTE /* cores of two NUMA nodes */
};

/* Pin the calling thread to one CPU; it runs there when this returns. */
int place_pin(unsigned cpu, struct err *e);

/* "2" or "2;4;6": the CPUs as they stand in a CSV field. Cut after a whole number if too long. */
void place_text(const struct place *place, char *text, unsigned size);

/* Whether `node` is a NUMA node that has memory, and how many such nodes there are. */
bool place_node_exists(int node);
unsigned place_node_count(void);

#endif
