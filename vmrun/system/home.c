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

int home_find(const char *relative, char path[PATH_MAX], struct err *e)
{
	char folder[PATH_MAX];
	char first[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	unsigned level;

	if (length < 0)
		return err_errno(e, "cannot tell where this program is (/proc/self/exe)");
	folder[length] = '\0';
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
