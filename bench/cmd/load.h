/* SPDX-License-Identifier: MIT */
/* Results that commands analyse: the files and directories on their command line. */
#ifndef BENCH_CMD_LOAD_H
#define BENCH_CMD_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/decide/summary.h"

/* Paths in the order they were given; `side` and `snp_off` as in analysis/read/samples.h. */
struct load_path {
	const char *path;
	unsigned side;
	bool snp_off;
};

/* `name` in the directory of the results: in `path`, or beside the file that it is. To be freed. */
int load_beside(const char *path, const char *name, char **result, struct err *e);

struct load {
	struct samples samples;
	struct summary summary;
};

/*
 * Read the results, put them in order and summarise them. What --partial left out is said on
 * standard error; what holds the same samples twice is refused. On failure there is nothing to
 * free.
 */
int load_results(struct load *load, const struct load_path *paths, size_t count, bool partial,
                 struct err *e);
void load_free(struct load *load);

#endif
