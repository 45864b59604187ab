/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int plan_file_find(const char *what, const char *path, char found[PATH_MAX], struct err *e)
{
	struct stat st;

	if (!realpath(path, found))
		return err_set(e, EINVAL, "%s %s: %s", what, path, strerror(errno));
	if (stat(found, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s %s is not a file", what, path);
	if (access(found, R_OK) != 0)
		return err_set(e, EINVAL, "%s %s cannot be read: %s", what, path, strerror(errno));
	return 0;
}
