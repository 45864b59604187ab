/* SPDX-License-Identifier: MIT */
#include "harness/place_choose.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include "harness/place_topology.h"

/*
 * Cores, L3s, NUMA nodes and CPUs from sysfs, with `caches` the other caches too. hwloc's x86
 * backend would run CPUID dozens of times on every CPU, each a world switch in a guest; devices are
 * of no use here.
 */
static int load_topology(hwloc_topology_t *topology, enum hwloc_type_filter_e caches, struct err *e)
{
	static const unsigned long flags =
	        HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED | HWLOC_TOPOLOGY_FLAG_NO_DISTANCES |
	        HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS | HWLOC_TOPOLOGY_FLAG_NO_CPUKINDS;

	if (hwloc_topology_init(topology) != 0)
		return err_errno(e, "hwloc cannot be initialised");
	hwloc_topology_set_all_types_filter(*topology, HWLOC_TYPE_FILTER_KEEP_NONE);
	hwloc_topology_set_cache_types_filter(*topology, caches);
	hwloc_topology_set_type_filter(*topology, HWLOC_OBJ_CORE, HWLOC_TYPE_FILTER_KEEP_ALL);
	hwloc_topology_set_type_filter(*topology, HWLOC_OBJ_L3CACHE, HWLOC_TYPE_FILTER_KEEP_ALL);
	hwloc_topology_set_components(*topology, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
	if (hwloc_topology_set_flags(*topology, flags) == 0 && hwloc_topology_load(*topology) == 0)
		return 0;
	hwloc_topology_destroy(*topology);
	return err_errno(e, "hwloc cannot read the topology of this machine");
}

/*
 * The machine's topology, read once and kept: a program chooses for every cell. The caller holds
 * the lock for as long as it uses it.
 */
static int take_topology(hwloc_topology_t *topology, struct err *e)
{
	static hwloc_topology_t here;
	int rc = here ? 0 : load_topology(&here, HWLOC_TYPE_FILTER_KEEP_NONE, e);

	if (rc)
		here = NULL;
	*topology = here;
	return rc;
}

/*
 * Where the thread may run on one CPU only, a thread gets that one: nothing is to be chosen, and no
 * topology read, which takes hundreds of files. True when that is so.
 */
static bool take_only_cpu(struct place *place)
{
	cpu_set_t allowed;

	/* Fails, too, where there are more CPUs than a cpu_set_t has. */
	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0 || CPU_COUNT(&allowed) != 1)
		return false;
	*place = (struct place){.count = 1, .core_threads = 1};
	if (getcpu(&place->cpu[0], (unsigned *)&place->node) != 0)
		return false;
	if (!place_node_exists(place->node))
		place->node = -1;
	return true;
}

/* CPUs for threads, or for vCPUs (`gather`), or, with a relation, two that are so. */
static int choose(unsigned threads, enum place_relation relation, bool gather, const char *cpus,
                  struct place *place, struct err *e)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	hwloc_bitmap_t allowed = hwloc_bitmap_alloc();
	hwloc_topology_t topology;
	int rc;

	if (!allowed)
		return err_set(e, ENOMEM, "no memory to choose CPUs");
	pthread_mutex_lock(&lock);
	rc = take_topology(&topology, e);
	if (!rc && hwloc_get_cpubind(topology, allowed, HWLOC_CPUBIND_THREAD) != 0)
		rc = err_errno(e, "cannot read the affinity mask");
	if (!rc && relation == PLACE_ANY)
		rc = place_topology_choose(topology, allowed, threads, cpus, place, e);
	else if (!rc)
		rc = place_topology_pair(topology, allowed, relation, cpus, place, e);
	if (!rc && gather && !cpus)
		place_topology_gather(topology, place);
	pthread_mutex_unlock(&lock);
	hwloc_bitmap_free(allowed);
	/* hwloc makes up a node where Linux has none; nothing can be bound to that. */
	if (!rc && !place_node_exists(place->node))
		place->node = -1;
	return rc;
}

int place_choose(unsigned threads, const char *cpus, struct place *place, struct err *e)
{
	if (threads == 1 && !cpus && take_only_cpu(place))
		return 0;
	return choose(threads, PLACE_ANY, false, cpus, place, e);
}

int place_choose_guest(unsigned vcpus, const char *cpus, struct place *place, struct err *e)
{
	return choose(vcpus, PLACE_ANY, true, cpus, place, e);
}

int place_choose_pair(enum place_relation relation, const char *cpus, struct place *place,
                      struct err *e)
{
	return choose(2, relation, false, cpus, place, e);
}

int place_cache_bytes(const struct place *place, unsigned level, uint64_t *bytes, struct err *e)
{
	hwloc_topology_t topology;
	int rc = load_topology(&topology, HWLOC_TYPE_FILTER_KEEP_ALL, e);

	if (rc)
		return rc;
	rc = place_topology_cache_bytes(topology, place, level, bytes, e);
	hwloc_topology_destroy(topology);
	return rc;
}
