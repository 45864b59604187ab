/* SPDX-License-Identifier: MIT */
#include "bench/cmd/beside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int beside_path(char path[PATH_MAX], const char *directory, unsigned round, unsigned target,
                const char *part, struct err *e)
{
	int length = snprintf(path, PATH_MAX, "%s/round%u/%s%s%s", directory, round,
	                      target_name(target), part ? "/" : "", part ? part : "");

	/* A guest's own folders and files come behind it. */
	if (length > PATH_MAX - 64)
		return err_set(e, ENAMETOOLONG, "the name of %s is too long for files in it",
		               directory);
	return 0;
}

void beside_free(struct beside *b)
{
	json_decref(b->manifest);
	free(b->directory);
}
