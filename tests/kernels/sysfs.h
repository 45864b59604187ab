/* SPDX-License-Identifier: MIT */
/* A temporary directory that stands for "/", filled with what was recorded on a machine. */
#ifndef TESTS_KERNELS_SYSFS_H
#define TESTS_KERNELS_SYSFS_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Make the directory; `root` holds "/tmp/sevbench-test-XXXXXX" afterwards. */
static inline int sysfs_open(char root[64])
{
	snprintf(root, 64, "/tmp/sevbench-test-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

/* Write one file with its folders. */
static inline int sysfs_put(const char *root, const char *path, const void *bytes, size_t length)
{
	char full[512];
	int written;
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *slash = strchr(full + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	f = fopen(full, "we");
	if (!f)
		return -1;
	written = fwrite(bytes, 1, length, f) == length;
	return fclose(f) == 0 && written ? 0 : -1;
}

static inline int sysfs_remove(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline void sysfs_close(const char *root)
{
	nftw(root, sysfs_remove, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
