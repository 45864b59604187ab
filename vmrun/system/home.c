/* SPDX-License-Identifier: MIT */
#include "vmrun/system/home.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HOME_LEVELS 4

/* Cut the last component off an absolute path; "/" stays. */
static void go_up(char *path)
{
	char *slash = strrchr(path, '/');

	slash[slash == path] = '\0';
}

static int find_self(char path[PATH_MAX], struct err *e)
{
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (length < 0)
		return err_errno(e, "cannot tell where this program is (/proc/self/exe)");
	path[length] = '\0';
	return 0;
}

int home_find(const char *relative, char path[PATH_MAX], struct err *e)
{
	char folder[PATH_MAX];
	char first[PATH_MAX];
	int rc = find_self(folder, e);
	unsigned level;

	if (rc)
		return rc;
	go_up(folder);
	for (level = 0; level < HOME_LEVELS; level++) {
		go_up(folder);
		if (snprintf(path, PATH_MAX, "%s/%s", folder, relative) >= PATH_MAX)
			return err_set(e, ENAMETOOLONG, "the path %s/%s is too long", folder,
			               relative);
		if (access(path, F_OK) == 0)
			return 0;
		if (level == 0)
			memcpy(first, path, sizeof(first));
	}
	return err_set(e, ENOENT, "%s does not exist", first);
}

bool home_linker(char path[PATH_MAX])
{
	return !find_self(path, NULL) && !strncmp(strrchr(path, '/') + 1, "ld-", 3);
}
