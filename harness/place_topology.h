/* SPDX-License-Identifier: MIT */
/* The choice of CPUs in a given topology: what place_choose does with this machine's. */
#ifndef HARNESS_PLACE_TOPOLOGY_H
#define HARNESS_PLACE_TOPOLOGY_H

#include <hwloc.h>

#include "harness/err.h"
#include "harness/place.h"

/* As place_choose, among the CPUs of `topology` that are in `allowed`. */
int place_topology_choose(hwloc_topology_t topology, hwloc_const_cpuset_t allowed, unsigned threads,
                          const char *cpus, struct place *place, struct err *e);

/*
 * Put the CPUs of one core one behind the other, cores in the order of their first CPU, if every
 * core has as many; else leave all as they are, one core each first.
 */
void place_topology_gather(hwloc_topology_t topology, struct place *place);

/* As place_cache_bytes, in `topology`. */
int place_topology_cache_bytes(hwloc_topology_t topology, const struct place *place, unsigned level,
                               uint64_t *bytes, struct err *e);

/* As place_choose_pair, likewise; `relation` is not PLACE_ANY. */
int place_topology_pair(hwloc_topology_t topology, hwloc_const_cpuset_t allowed,
                        enum place_relation relation, const char *cpus, struct place *place,
                        struct err *e);

#endif
