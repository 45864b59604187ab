/* SPDX-License-Identifier: MIT */
#include "harness/mem_available.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "harness/control_group.h"
#include "harness/place.h"

/* The files of one version of control groups (Linux, Documentation/admin-guide/cgroup-v{1,2}). */
struct group_files {
	const char *limit;
	const char *usage;
	const char *inactive; /* names in memory.stat: file pages that Linux can drop */
	const char *active;
};

static const struct group_files version1 = {
        .limit = "memory.limit_in_bytes",
        .usage = "memory.usage_in_bytes",
        .inactive = "total_inactive_file ",
        .active = "total_active_file ",
};

static const struct group_files version2 = {
        .limit = "memory.max",
        .usage = "memory.current",
        .inactive = "inactive_file ",
        .active = "active_file ",
};

/* What the group leaves, if that is less; "max" is no number. */
static void take_group(const char *folder, bool second, void *context)
{
	const struct group_files *files = second ? &version2 : &version1;
	uint64_t *least = context, limit, usage, room, inactive = 0, active = 0;

	if (!control_group_number(folder, files->limit, "", &limit) ||
	    !control_group_number(folder, files->usage, "", &usage))
		return;
	(void)control_group_number(folder, "memory.stat", files->inactive, &inactive);
	(void)control_group_number(folder, "memory.stat", files->active, &active);
	usage -= usage < inactive + active ? usage : inactive + active;
	room = limit > usage ? limit - usage : 0;
	if (room < *least)
		*least = room;
}

uint64_t mem_available_at(const char *root)
{
	char proc[PATH_MAX];
	uint64_t kib, room = UINT64_MAX;

	snprintf(proc, sizeof(proc), "%s/proc", root);
	if (!control_group_number(proc, "meminfo", "MemAvailable:", &kib))
		return 0;
	control_group_each(root, "memory", take_group, &room);
	return room < kib * 1024 ? room : kib * 1024;
}

uint64_t mem_available(void)
{
	return mem_available_at("");
}

uint64_t mem_unaccepted_at(const char *root)
{
	char proc[PATH_MAX];
	uint64_t kib;

	snprintf(proc, sizeof(proc), "%s/proc", root);
	return control_group_number(proc, "meminfo", "Unaccepted:", &kib) ? kib * 1024 : 0;
}

uint64_t mem_unaccepted(void)
{
	return mem_unaccepted_at("");
}

/* A node's file begins each line with "Node 0 ". */
static bool node_bytes(const char *root, int node, const char *field, uint64_t *bytes)
{
	char folder[PATH_MAX], name[48];

	snprintf(folder, sizeof(folder), "%s/sys/devices/system/node/node%d", root, node);
	snprintf(name, sizeof(name), "Node %d %s:", node, field);
	if (!control_group_number(folder, "meminfo", name, bytes))
		return false;
	*bytes *= 1024;
	return true;
}

struct mem_totals mem_totals_at(const char *root)
{
	struct mem_totals totals = {0};
	char proc[PATH_MAX];
	uint64_t bytes;

	snprintf(proc, sizeof(proc), "%s/proc", root);
	if (control_group_number(proc, "meminfo", "MemTotal:", &bytes))
		totals.linux_bytes = bytes * 1024;
	for (int node = 0; node < PLACE_NODES; node++)
		if (node_bytes(root, node, "MemTotal", &bytes))
			totals.nodes += bytes;
	return totals;
}

bool mem_totals_agree(const struct mem_totals *totals)
{
	return totals->nodes >= totals->linux_bytes / 16 * 15;
}

uint64_t mem_available_on_at(const char *root, int node)
{
	struct mem_totals totals = mem_totals_at(root);
	uint64_t free_bytes, file_bytes;

	if (!mem_totals_agree(&totals) || !node_bytes(root, node, "MemFree", &free_bytes))
		return 0;
	return node_bytes(root, node, "FilePages", &file_bytes) ? free_bytes + file_bytes / 2
	                                                        : free_bytes;
}

uint64_t mem_available_on(int node)
{
	return mem_available_on_at("", node);
}
