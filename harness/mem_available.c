/* SPDX-License-Identifier: MIT */
#include "harness/mem_available.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "harness/control_group.h"

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
