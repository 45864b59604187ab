/* SPDX-License-Identifier: MIT */
#include "harness/mem_available.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The files of one version of control groups (Linux, Documentation/admin-guide/cgroup-v{1,2}). */
struct group_files {
	const char *mount;
	const char *limit;
	const char *usage;
	const char *inactive; /* names in memory.stat: file pages that Linux can drop */
	const char *active;
};

static const struct group_files version1 = {
        .mount = "/sys/fs/cgroup/memory",
        .limit = "memory.limit_in_bytes",
        .usage = "memory.usage_in_bytes",
        .inactive = "total_inactive_file ",
        .active = "total_active_file ",
};

static const struct group_files version2 = {
        .mount = "/sys/fs/cgroup",
        .limit = "memory.max",
        .usage = "memory.current",
        .inactive = "inactive_file ",
        .active = "active_file ",
};

/* The number that follows `name` at the beginning of a line; with "" the first one of the file. */
static bool read_number(const char *path, const char *name, uint64_t *value)
{
	FILE *f = fopen(path, "re");
	size_t length = strlen(name);
	bool found = false;
	char line[256];

	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = strncmp(line, name, length) == 0 &&
		        sscanf(line + length, "%" SCNu64, value) == 1;
	fclose(f);
	return found;
}

/* What the group at `folder` leaves; UINT64_MAX where it sets no limit ("max" is no number). */
static uint64_t group_room(const struct group_files *files, const char *folder)
{
	uint64_t limit;
	uint64_t usage;
	uint64_t inactive = 0;
	uint64_t active = 0;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, files->limit);
	if (!read_number(path, "", &limit))
		return UINT64_MAX;
	snprintf(path, sizeof(path), "%s/%s", folder, files->usage);
	if (!read_number(path, "", &usage))
		return UINT64_MAX;
	snprintf(path, sizeof(path), "%s/memory.stat", folder);
	(void)read_number(path, files->inactive, &inactive);
	(void)read_number(path, files->active, &active);
	usage -= usage < inactive + active ? usage : inactive + active;
	return limit > usage ? limit - usage : 0;
}

/* The least that a group or one of its ancestors leaves. */
static uint64_t path_room(const struct group_files *files, const char *root, const char *group)
{
	uint64_t least = UINT64_MAX;
	char folder[PATH_MAX / 2];
	size_t top = strlen(root) + strlen(files->mount);

	if (snprintf(folder, sizeof(folder), "%s%s%s", root, files->mount, group) >=
	    (int)sizeof(folder))
		return least;
	for (;;) {
		uint64_t room = group_room(files, folder);
		char *slash = strrchr(folder, '/');

		if (room < least)
			least = room;
		if (strlen(folder) <= top || !slash)
			return least;
		*slash = '\0';
	}
}

/* /proc/self/cgroup: "0::/path" of version 2, "4:memory:/path" of version 1. */
static uint64_t groups_room(const char *root)
{
	uint64_t least = UINT64_MAX;
	char path[PATH_MAX];
	char line[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
	f = fopen(path, "re");
	if (!f)
		return least;
	while (fgets(line, sizeof(line), f)) {
		const char *controllers = strchr(line, ':');
		const char *group = controllers ? strchr(controllers + 1, ':') : NULL;
		uint64_t room = UINT64_MAX;

		line[strcspn(line, "\n")] = '\0';
		if (group && strncmp(line, "0::", 3) == 0)
			room = path_room(&version2, root, group + 1);
		else if (group && strncmp(controllers, ":memory:", 8) == 0)
			room = path_room(&version1, root, group + 1);
		if (room < least)
			least = room;
	}
	fclose(f);
	return least;
}

uint64_t mem_available_at(const char *root)
{
	char path[PATH_MAX];
	uint64_t kib;
	uint64_t bytes;
	uint64_t room;

	snprintf(path, sizeof(path), "%s/proc/meminfo", root);
	if (!read_number(path, "MemAvailable:", &kib))
		return 0;
	bytes = kib * 1024;
	room = groups_room(root);
	return room < bytes ? room : bytes;
}

uint64_t mem_available(void)
{
	return mem_available_at("");
}
