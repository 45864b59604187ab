/* SPDX-License-Identifier: MIT */
#include "harness/folder.h"

#include <ftw.h>
#include <stdio.h>

#define DESCRIPTORS 8 /* deeper than any directory of results */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

void folder_remove(const char *path)
{
	nftw(path, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
