/* SPDX-License-Identifier: MIT */
#include "harness/control_group.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

bool control_group_number(const char *folder, const char *file, const char *name, uint64_t *value)
{
	char path[PATH_MAX], line[256];
	size_t length = strlen(name);
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = strncmp(line, name, length) == 0 &&
		        sscanf(line + length, "%" SCNu64, value) == 1;
	fclose(f);
	return found;
}

/* The group, its parent, and so on up to `mount`. */
static void climb(const char *root, const char *mount, const char *group, bool second,
                  control_group_visit *visit, void *context)
{
	char folder[PATH_MAX / 2];
	size_t top = strlen(root) + strlen(mount);

	if (snprintf(folder, sizeof(folder), "%s%s%s", root, mount, group) >= (int)sizeof(folder))
		return;
	for (;;) {
		char *slash;

		visit(folder, second, context);
		slash = strrchr(folder, '/');
		if (strlen(folder) <= top || !slash)
			return;
		*slash = '\0';
	}
}

/* Is `name` one of "cpu,cpuacct"? */
static bool lists(const char *controllers, size_t length, const char *name)
{
	size_t size = strlen(name);

	for (const char *at = controllers; at < controllers + length; at++) {
		size_t one = strcspn(at, ",:");

		if (one == size && !strncmp(at, name, size))
			return true;
		at += one;
	}
	return false;
}

/* /proc/self/cgroup: "0::/path" of version 2, "4:cpu,cpuacct:/path" of version 1. */
void control_group_each(const char *root, const char *controller, control_group_visit *visit,
                        void *context)
{
	char path[PATH_MAX], mount[64], line[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
	snprintf(mount, sizeof(mount), "/sys/fs/cgroup/%s", controller);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		const char *controllers = strchr(line, ':');
		const char *group = controllers ? strchr(controllers + 1, ':') : NULL;

		line[strcspn(line, "\n")] = '\0';
		if (!group)
			continue;
		controllers++;
		if (strncmp(line, "0::", 3) == 0)
			climb(root, "/sys/fs/cgroup", group + 1, true, visit, context);
		else if (lists(controllers, (size_t)(group - controllers), controller))
			climb(root, mount, group + 1, false, visit, context);
	}
	fclose(f);
}
