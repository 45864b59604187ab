/* SPDX-License-Identifier: MIT */
/* Making and removing directory trees that stand in for /sys and the like. */
#ifndef TESTS_TREE_H
#define TESTS_TREE_H

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Open `root`/`path` for writing, with the directories that it needs; NULL on failure. */
static inline FILE *tree_create(const char *root, const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *slash = strchr(full + strlen(root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	return fopen(full, "we");
}

/* The file `path` below `root` becomes `text`. 0, or -1. */
static inline int tree_set(const char *root, const char *path, const char *text)
{
	FILE *file = tree_create(root, path);

	if (!file)
		return -1;
	fputs(text, file);
	return fclose(file);
}

/*
 * Unpack a recording of a machine under `root`: "== <path>" begins a file of it; before the first,
 * the rest of every line "expect <rest>" is handed to `expect`. 0, or -1.
 */
static inline int tree_unpack(const char *recording, const char *root,
                              void (*expect)(const char *rest))
{
	FILE *in = fopen(recording, "re"), *out = NULL;
	char line[512];
	int rc = in ? 0 : -1;

	while (!rc && fgets(line, sizeof(line), in)) {
		if (!strncmp(line, "== ", 3)) {
			if (out)
				fclose(out);
			line[strcspn(line, "\n")] = '\0';
			out = tree_create(root, line + 3);
			rc = out ? 0 : -1;
		} else if (out) {
			fputs(line, out);
		} else if (!strncmp(line, "expect ", 7)) {
			line[strcspn(line, "\n")] = '\0';
			expect(line + 7);
		}
	}
	if (out)
		fclose(out);
	if (in)
		fclose(in);
	return rc;
}

static inline int tree_remove_one(const char *path, const struct stat *st, int type,
                                  struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* Remove `root` and everything below it. 0 when it is gone. */
static inline int tree_remove(const char *root)
{
	return nftw(root, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
