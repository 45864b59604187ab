/* SPDX-License-Identifier: MIT */
/*
 * Which cells of a run are measured, and where their rows end in samples.csv.partial: what
 * `sevbench run --resume` continues from, also after a kill that nobody could catch. A line a cell,
 * "round target cell offset"; a line without its end counts for nothing.
 */
#ifndef BENCH_JOURNAL_H
#define BENCH_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/target.h"

struct journal {
	FILE *out;
	char *path;   /* owned */
	bool *done;   /* owned; by round, target and cell */
	size_t cells; /* in the suite */
	unsigned rounds;
	long long end; /* bytes of the samples that are measured cells and what comes before them */
};

/* Create `path` for a run of that size. Errors name the file. */
int journal_create(struct journal *j, const char *path, size_t cells, unsigned rounds,
                   struct err *e);

/* Read what an interrupted run left, and go on with it. -EINVAL when it is of another run. */
int journal_resume(struct journal *j, const char *path, size_t cells, unsigned rounds,
                   struct err *e);

/* The rows of that cell are on disk, and the file is `end` bytes long. Round 0: what never runs. */
int journal_add(struct journal *j, unsigned round, unsigned target, size_t cell, long long end,
                struct err *e);
bool journal_has(const struct journal *j, unsigned round, unsigned target, size_t cell);

/* Close it; with `remove` the run is complete, and nothing is left to continue. */
void journal_close(struct journal *j, bool remove);

#endif
