/* SPDX-License-Identifier: MIT */
#include "harness/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool program_is(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

bool program_find(const char *name, char path[PATH_MAX])
{
	const char *search = getenv("PATH");

	for (const char *p = search ? search : "/usr/bin:/bin"; *p;) {
		size_t length = strcspn(p, ":");
		int n = snprintf(path, PATH_MAX, "%.*s/%s", (int)length, p, name);

		if (*p == '/' && n < PATH_MAX && program_is(path))
			return true;
		p += length + (p[length] == ':');
	}
	return false;
}
