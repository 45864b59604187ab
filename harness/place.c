/* SPDX-License-Identifier: MIT */
#include "harness/place.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int place_pin(unsigned cpu, struct err *e)
{
	cpu_set_t *set = CPU_ALLOC(cpu + 1);
	size_t size = CPU_ALLOC_SIZE(cpu + 1);
	int rc = 0;

	if (!set)
		return err_set(e, ENOMEM, "no memory to pin a thread");
	CPU_ZERO_S(size, set);
	CPU_SET_S(cpu, size, set);
	if (sched_setaffinity(0, size, set) != 0)
		rc = err_errno(e, "cannot pin a thread to CPU %u", cpu);
	CPU_FREE(set);
	if (!rc && sched_getcpu() != (int)cpu)
		rc = err_set(e, EIO, "a thread pinned to CPU %u runs on CPU %d", cpu,
		             sched_getcpu());
	return rc;
}

void place_text(const struct place *place, char *text, unsigned size)
{
	unsigned used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < place->count; i++) {
		char number[16];
		int n = snprintf(number, sizeof(number), "%s%u", i ? ";" : "", place->cpu[i]);

		if (used + (unsigned)n >= size)
			return;
		memcpy(text + used, number, (unsigned)n + 1);
		used += (unsigned)n;
	}
}

/* Read the next range of a list as sysfs writes it ("0-3,8"), and step over it. */
static bool next_range(const char **list, int *first, int *last)
{
	int used;

	if (**list == ',')
		(*list)++;
	if (sscanf(*list, "%d%n", first, &used) != 1)
		return false;
	*list += used;
	*last = *first;
	if (**list == '-' && sscanf(*list, "-%d%n", last, &used) == 1)
		*list += used;
	return true;
}

/* The NUMA nodes that have memory, as sysfs lists them; "" where Linux has none. */
static void read_nodes(char *list, int size)
{
	FILE *f = fopen("/sys/devices/system/node/has_memory", "re");

	list[0] = '\0';
	if (!f)
		return;
	if (!fgets(list, size, f))
		list[0] = '\0';
	fclose(f);
}

bool place_node_exists(int node)
{
	const char *rest;
	char list[4096];
	int first;
	int last;

	if (node < 0 || node >= PLACE_NODES)
		return false;
	read_nodes(list, sizeof(list));
	for (rest = list; next_range(&rest, &first, &last);)
		if (node >= first && node <= last)
			return true;
	return false;
}

unsigned place_node_count(void)
{
	unsigned count = 0;
	const char *rest;
	char list[4096];
	int first;
	int last;

	read_nodes(list, sizeof(list));
	for (rest = list; next_range(&rest, &first, &last);)
		count += (unsigned)(last - first + 1);
	return count;
}
