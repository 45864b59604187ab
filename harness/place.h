/* SPDX-License-Identifier: MIT */
/* Where threads run: one per physical core, inside one L3 and NUMA node first (hwloc). */
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

/*
 * Choose `threads` CPUs among those the affinity mask of the calling thread allows. By topology
 * (`cpus` NULL): one a physical core, all in one L3 where one has enough cores, else in one NUMA
 * node, else over several; second hardware threads of a core come last. With a list ("2",
 * "0-3,8") the list is taken in its order, and must name at least `threads` CPUs, all of them
 * existing and allowed. The error names the CPU, the mask and the remedy (-EINVAL).
 */
int place_choose(unsigned threads, const char *cpus, struct place *place, struct err *e);

/*
 * As place_choose, for the vCPUs of a guest, which numbers the hardware threads of a core one
 * behind the other: where all cores are shared by as many, their CPUs stand so too. The order of a
 * list is kept.
 */
int place_choose_guest(unsigned vcpus, const char *cpus, struct place *place, struct err *e);

/*
 * The bytes of the caches of `level` (1, 2, 3; 0: the last there is) that the CPUs of `place` use,
 * each cache counted once: data and unified ones. -ENOTSUP where this machine does not show them.
 */
int place_cache_bytes(const struct place *place, unsigned level, uint64_t *bytes, struct err *e);

/* How near two CPUs are to one another, as hwloc sees it. */
enum place_relation {
	PLACE_ANY,   /* as place_choose has them */
	PLACE_SMT,   /* hardware threads of one core */
	PLACE_L3,    /* cores that share an L3 */
	PLACE_NODE,  /* cores of one NUMA node that share no L3, as far as Linux says */
	PLACE_REMOTE /* cores of two NUMA nodes */
};

/*
 * As place_choose for two threads: the first two CPUs, of all that are allowed or of the list, that
 * are so. -ENOTSUP where no two are: a sentence that says what is missing.
 */
int place_choose_pair(enum place_relation relation, const char *cpus, struct place *place,
                      struct err *e);

/* Pin the calling thread to one CPU; it runs there when this returns. */
int place_pin(unsigned cpu, struct err *e);

/* "2" or "2;4;6": the CPUs as they stand in a CSV field. Cut after a whole number if too long. */
void place_text(const struct place *place, char *text, unsigned size);

/* Whether `node` is a NUMA node that has memory, and how many such nodes there are. */
bool place_node_exists(int node);
unsigned place_node_count(void);

#endif
