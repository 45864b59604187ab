/* SPDX-License-Identifier: MIT */
#include "harness/place_topology.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIST_TEXT 256 /* room for a list of CPUs in a sentence */

/* A choice under way. */
struct choice {
	hwloc_topology_t topology;
	hwloc_bitmap_t left; /* allowed CPUs that are not taken yet */
	struct place *place;
	unsigned threads;
};

static const char *list_of(hwloc_const_bitmap_t set, char text[LIST_TEXT])
{
	/* A long list is cut: the sentence stays readable. */
	if (hwloc_bitmap_list_snprintf(text, LIST_TEXT, set) >= LIST_TEXT)
		memcpy(text + LIST_TEXT - 4, "...", 4);
	return text;
}

static void take(struct choice *c, unsigned cpu)
{
	hwloc_bitmap_clr(c->left, cpu);
	c->place->cpu[c->place->count++] = cpu;
}

/* The physical core that `cpu` belongs to; the CPU itself where cores are not known. */
static hwloc_obj_t core_of(hwloc_topology_t topology, unsigned cpu)
{
	hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(topology, cpu);
	hwloc_obj_t core = pu ? hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, pu) : NULL;

	return core ? core : pu;
}

/* The first CPU of `within` whose core has none taken yet (`fresh`), or any that is left; or -1. */
static int next_cpu(const struct choice *c, hwloc_const_cpuset_t within, hwloc_const_bitmap_t used,
                    bool fresh)
{
	int cpu = -1;

	while ((cpu = hwloc_bitmap_next(c->left, cpu)) >= 0) {
		hwloc_obj_t core = core_of(c->topology, (unsigned)cpu);

		if (!core || !hwloc_bitmap_isset(within, (unsigned)cpu))
			continue;
		if (!fresh || !hwloc_bitmap_intersects(core->cpuset, used))
			return cpu;
	}
	return -1;
}

/* Take from `within` until there are enough or it has no more. */
static void take_from(struct choice *c, hwloc_const_cpuset_t within, bool fresh)
{
	hwloc_bitmap_t used = hwloc_bitmap_alloc();
	int cpu;

	for (unsigned i = 0; i < c->place->count; i++)
		hwloc_bitmap_set(used, c->place->cpu[i]);
	while (c->place->count < c->threads && (cpu = next_cpu(c, within, used, fresh)) >= 0) {
		hwloc_bitmap_set(used, (unsigned)cpu);
		take(c, (unsigned)cpu);
	}
	hwloc_bitmap_free(used);
}

/* How many physical cores of `set` have an allowed CPU. */
static unsigned cores_in(const struct choice *c, hwloc_const_cpuset_t set)
{
	hwloc_bitmap_t rest = hwloc_bitmap_alloc();
	unsigned count = 0;
	int cpu;

	hwloc_bitmap_and(rest, set, c->left);
	while ((cpu = hwloc_bitmap_first(rest)) >= 0) {
		hwloc_obj_t core = core_of(c->topology, (unsigned)cpu);

		hwloc_bitmap_clr(rest, (unsigned)cpu);
		if (core) {
			hwloc_bitmap_andnot(rest, rest, core->cpuset);
			count++;
		}
	}
	hwloc_bitmap_free(rest);
	return count;
}

/* Take the part of `within` that is in `obj`; NULL stands for everything. */
static void take_part(struct choice *c, hwloc_const_cpuset_t within, const struct hwloc_obj *node,
                      const struct hwloc_obj *l3, bool fresh)
{
	hwloc_bitmap_t part = hwloc_bitmap_dup(within);

	if (node)
		hwloc_bitmap_and(part, part, node->cpuset);
	if (l3)
		hwloc_bitmap_and(part, part, l3->cpuset);
	take_from(c, part, fresh);
	hwloc_bitmap_free(part);
}

/* Take from `within`: node after node, in a node L3 after L3, at last what is in neither. */
static void take_in_order(struct choice *c, hwloc_const_cpuset_t within, bool fresh)
{
	hwloc_obj_t node = NULL;

	while ((node = hwloc_get_next_obj_by_type(c->topology, HWLOC_OBJ_NUMANODE, node)) != NULL) {
		hwloc_obj_t l3 = NULL;

		while ((l3 = hwloc_get_next_obj_by_type(c->topology, HWLOC_OBJ_L3CACHE, l3)) !=
		       NULL)
			take_part(c, within, node, l3, fresh);
		take_part(c, within, node, NULL, fresh);
	}
	take_part(c, within, NULL, NULL, fresh);
}

static bool take_if_it_fits(struct choice *c, hwloc_const_cpuset_t within)
{
	if (cores_in(c, within) < c->threads)
		return false;
	take_in_order(c, within, true);
	return true;
}

/* The first object of the type that has enough cores. */
static bool take_one(struct choice *c, hwloc_obj_type_t type)
{
	hwloc_obj_t obj = NULL;

	while ((obj = hwloc_get_next_obj_by_type(c->topology, type, obj)) != NULL)
		if (take_if_it_fits(c, obj->cpuset))
			return true;
	return false;
}

/* An L3 may span several nodes (sub-NUMA clustering), a node several L3s: look for both in one. */
static bool take_one_l3_in_one_node(struct choice *c)
{
	hwloc_bitmap_t both = hwloc_bitmap_alloc();
	hwloc_obj_t l3 = NULL;
	bool taken = false;

	while (!taken && (l3 = hwloc_get_next_obj_by_type(c->topology, HWLOC_OBJ_L3CACHE, l3))) {
		hwloc_obj_t node = NULL;

		while (!taken &&
		       (node = hwloc_get_next_obj_by_type(c->topology, HWLOC_OBJ_NUMANODE, node))) {
			hwloc_bitmap_and(both, l3->cpuset, node->cpuset);
			taken = take_if_it_fits(c, both);
		}
	}
	hwloc_bitmap_free(both);
	return taken;
}

static void choose_by_topology(struct choice *c)
{
	hwloc_const_cpuset_t all = hwloc_topology_get_topology_cpuset(c->topology);

	if (take_one_l3_in_one_node(c) || take_one(c, HWLOC_OBJ_L3CACHE) ||
	    take_one(c, HWLOC_OBJ_NUMANODE))
		return;
	take_in_order(c, all, true);
	take_in_order(c, all, false);
}

/* Read one number of a list. */
static bool parse_cpu(const char **text, unsigned long *cpu)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	errno = 0;
	*cpu = strtoul(*text, &end, 10);
	*text = end;
	return errno == 0;
}

/* Add a CPU of a list, or say why it cannot be used. */
static int add_cpu(struct choice *c, hwloc_const_cpuset_t allowed, unsigned long cpu, struct err *e)
{
	hwloc_const_cpuset_t online = hwloc_topology_get_topology_cpuset(c->topology);
	hwloc_const_cpuset_t complete = hwloc_topology_get_complete_cpuset(c->topology);
	char list[LIST_TEXT];

	if (cpu > INT_MAX || !hwloc_bitmap_isset(complete, (unsigned)cpu))
		return err_set(e, EINVAL, "CPU %lu does not exist: this machine has %s", cpu,
		               list_of(online, list));
	if (!hwloc_bitmap_isset(online, (unsigned)cpu))
		return err_set(e, EINVAL, "CPU %lu is offline: online are %s", cpu,
		               list_of(online, list));
	if (!hwloc_bitmap_isset(allowed, (unsigned)cpu))
		return err_set(
		        e, EINVAL,
		        "CPU %lu is not in the affinity mask of this process (%s): choose one "
		        "of those, or widen the mask with taskset",
		        cpu, list_of(allowed, list));
	if (!hwloc_bitmap_isset(c->left, (unsigned)cpu))
		return err_set(e, EINVAL, "CPU %lu stands twice in the list", cpu);
	if (c->place->count == PLACE_MAX)
		return err_set(e, EINVAL, "a list names at most %d CPUs", PLACE_MAX);
	take(c, (unsigned)cpu);
	return 0;
}

static int choose_by_list(struct choice *c, hwloc_const_cpuset_t allowed, const char *cpus,
                          struct err *e)
{
	const char *text = cpus;

	for (;;) {
		unsigned long first;
		unsigned long last;

		if (!parse_cpu(&text, &first))
			break;
		last = first;
		if (*text == '-') {
			text++;
			if (!parse_cpu(&text, &last) || last < first)
				break;
		}
		for (unsigned long cpu = first; cpu <= last; cpu++) {
			int rc = add_cpu(c, allowed, cpu, e);

			if (rc)
				return rc;
		}
		if (*text == '\0')
			return 0;
		if (*text++ != ',')
			break;
	}
	return err_set(e, EINVAL, "\"%s\" is not a list of CPUs: write numbers and ranges (0-3,8)",
	               cpus);
}

static bool same_core(hwloc_topology_t topology, unsigned one, unsigned other)
{
	hwloc_obj_t core = core_of(topology, one);

	return core && core == core_of(topology, other);
}

/* How many CPUs of each core stand one behind the other; 0 where that is not one number. */
static unsigned core_threads(hwloc_topology_t topology, const struct place *place)
{
	unsigned threads = 1;

	while (threads < place->count && same_core(topology, place->cpu[0], place->cpu[threads]))
		threads++;
	if (place->count % threads)
		return 0;
	for (unsigned i = 0; i < place->count; i++) {
		unsigned first = i - i % threads;

		if (!same_core(topology, place->cpu[first], place->cpu[i]))
			return 0;
		for (unsigned j = 0; j < first; j += threads)
			if (same_core(topology, place->cpu[j], place->cpu[i]))
				return 0;
	}
	return threads;
}

static void describe(struct choice *c)
{
	struct place *place = c->place;
	hwloc_obj_t first = hwloc_get_pu_obj_by_os_index(c->topology, place->cpu[0]);

	place->node = first && first->nodeset ? hwloc_bitmap_first(first->nodeset) : -1;
	place->shares_core = false;
	for (unsigned i = 1; i < place->count; i++) {
		hwloc_obj_t core = core_of(c->topology, place->cpu[i]);

		for (unsigned j = 0; core && j < i; j++)
			if (hwloc_bitmap_isset(core->cpuset, place->cpu[j]))
				place->shares_core = true;
	}
	place->core_threads = core_threads(c->topology, place);
}

void place_topology_gather(hwloc_topology_t topology, struct place *place)
{
	struct place gathered = *place;
	struct choice c = {.topology = topology, .place = &gathered};

	for (unsigned i = 0; i < gathered.count; i++) {
		unsigned end = i + 1;

		for (unsigned j = end; j < gathered.count; j++) {
			unsigned cpu = gathered.cpu[j], *to = &gathered.cpu[end];

			if (!same_core(topology, gathered.cpu[i], cpu))
				continue;
			memmove(to + 1, to, (j - end) * sizeof(cpu));
			*to = cpu;
			end++;
		}
		i = end - 1;
	}
	describe(&c);
	if (gathered.core_threads)
		*place = gathered;
}

static int choose(struct choice *c, hwloc_const_cpuset_t allowed, const char *cpus, struct err *e)
{
	int count = hwloc_bitmap_weight(c->left);

	if (cpus) {
		int rc = choose_by_list(c, allowed, cpus, e);

		if (rc)
			return rc;
		if (c->place->count < c->threads)
			return err_set(
			        e, EINVAL,
			        "%u threads need %u CPUs, but the list \"%s\" names %u: name more "
			        "or use fewer threads",
			        c->threads, c->threads, cpus, c->place->count);
		c->place->count = c->threads;
		return 0;
	}
	if (count < 0 || (unsigned)count < c->threads) {
		char list[LIST_TEXT];

		return err_set(
		        e, EINVAL,
		        "%u threads need %u CPUs, but only %d are in the affinity mask (%s): use "
		        "fewer threads, or widen the mask with taskset",
		        c->threads, c->threads, count, list_of(c->left, list));
	}
	choose_by_topology(c);
	return 0;
}

int place_topology_choose(hwloc_topology_t topology, hwloc_const_cpuset_t allowed, unsigned threads,
                          const char *cpus, struct place *place, struct err *e)
{
	struct choice c = {.topology = topology, .place = place, .threads = threads};
	int rc;

	memset(place, 0, sizeof(*place));
	if (threads == 0 || threads > PLACE_MAX)
		return err_set(e, EINVAL, "%u threads cannot be placed: 1 to %d are possible",
		               threads, PLACE_MAX);
	c.left = hwloc_bitmap_alloc();
	if (!c.left)
		return err_set(e, ENOMEM, "no memory to choose CPUs");
	hwloc_bitmap_and(c.left, allowed, hwloc_topology_get_topology_cpuset(topology));
	rc = choose(&c, allowed, cpus, e);
	if (!rc)
		describe(&c);
	hwloc_bitmap_free(c.left);
	return rc;
}

/* The data or unified cache of `level` that a CPU uses, or NULL. */
static hwloc_obj_t cache_of(hwloc_topology_t topology, unsigned cpu, unsigned level)
{
	hwloc_obj_t o = hwloc_get_pu_obj_by_os_index(topology, cpu);

	while (o && !(hwloc_obj_type_is_dcache(o->type) && o->attr->cache.depth == level))
		o = o->parent;
	return o;
}

static unsigned last_level(hwloc_topology_t topology, unsigned cpu)
{
	unsigned level = HWLOC_OBJ_L5CACHE - HWLOC_OBJ_L1CACHE + 1;

	while (level && !cache_of(topology, cpu, level))
		level--;
	return level;
}

int place_topology_cache_bytes(hwloc_topology_t topology, const struct place *place, unsigned level,
                               uint64_t *bytes, struct err *e)
{
	if (!level)
		level = last_level(topology, place->cpu[0]);
	*bytes = 0;
	for (unsigned i = 0; i < place->count; i++) {
		hwloc_obj_t cache = cache_of(topology, place->cpu[i], level);
		bool counted = false;

		if (!level || !cache || !cache->attr->cache.size)
			return err_set(e, ENOTSUP,
			               "this machine does not show the %s of CPU %u: give the size "
			               "in bytes",
			               level ? "cache of that level" : "caches", place->cpu[i]);
		for (unsigned j = 0; j < i && !counted; j++)
			counted = cache_of(topology, place->cpu[j], level) == cache;
		if (!counted)
			*bytes += cache->attr->cache.size;
	}
	return 0;
}

static enum place_relation relation_of(hwloc_topology_t topology, unsigned one, unsigned other)
{
	hwloc_obj_t a = hwloc_get_pu_obj_by_os_index(topology, one);
	hwloc_obj_t b = hwloc_get_pu_obj_by_os_index(topology, other);
	hwloc_obj_t l3 = a ? hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_L3CACHE, a) : NULL;

	if (!a || !b)
		return PLACE_ANY;
	if (core_of(topology, one) == core_of(topology, other))
		return PLACE_SMT;
	if (l3 && hwloc_bitmap_isset(l3->cpuset, other))
		return PLACE_L3;
	return hwloc_bitmap_intersects(a->nodeset, b->nodeset) ? PLACE_NODE : PLACE_REMOTE;
}

/* The first two of `all` that are so. */
static int find_pair(hwloc_topology_t topology, const struct place *all,
                     enum place_relation relation, struct place *place, struct err *e)
{
	static const char *const missing[] = {
	        [PLACE_SMT] = "are hardware threads of one core",
	        [PLACE_L3] = "are cores that share an L3",
	        [PLACE_NODE] = "are cores of one NUMA node without an L3 in common",
	        [PLACE_REMOTE] = "are in different NUMA nodes",
	};
	char text[LIST_TEXT];

	for (unsigned i = 0; i < all->count; i++) {
		for (unsigned j = i + 1; j < all->count; j++) {
			if (relation_of(topology, all->cpu[i], all->cpu[j]) != relation)
				continue;
			*place = (struct place){.count = 2, .cpu = {all->cpu[i], all->cpu[j]}};
			return 0;
		}
	}
	place_text(all, text, sizeof(text));
	return err_set(e, ENOTSUP, "no two of the CPUs %s %s", text, missing[relation]);
}

int place_topology_pair(hwloc_topology_t topology, hwloc_const_cpuset_t allowed,
                        enum place_relation relation, const char *cpus, struct place *place,
                        struct err *e)
{
	struct place all = {.count = 0};
	struct choice c = {.topology = topology, .place = &all, .threads = PLACE_MAX};
	int cpu;
	int rc = 0;

	c.left = hwloc_bitmap_alloc();
	if (!c.left)
		return err_set(e, ENOMEM, "no memory to choose CPUs");
	hwloc_bitmap_and(c.left, allowed, hwloc_topology_get_topology_cpuset(topology));
	if (cpus)
		rc = choose_by_list(&c, allowed, cpus, e);
	else
		while (all.count < PLACE_MAX && (cpu = hwloc_bitmap_first(c.left)) >= 0)
			take(&c, (unsigned)cpu);
	if (!rc)
		rc = find_pair(topology, &all, relation, place, e);
	c.place = place;
	if (!rc)
		describe(&c);
	hwloc_bitmap_free(c.left);
	return rc;
}
