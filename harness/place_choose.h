/* SPDX-License-Identifier: MIT */
/* Which CPUs threads run on: one a physical core, inside one L3 and NUMA node first (hwloc). */
#ifndef HARNESS_PLACE_CHOOSE_H
#define HARNESS_PLACE_CHOOSE_H

#include "harness/place.h"

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

/*
 * As place_choose for two threads: the first two CPUs, of all that are allowed or of the list, that
 * are so. -ENOTSUP where no two are: a sentence that says what is missing.
 */
int place_choose_pair(enum place_relation relation, const char *cpus, struct place *place,
                      struct err *e);

#endif
