/* SPDX-License-Identifier: MIT */
/*
 * Which cells of a run are measured, and where their rows end in samples.csv.partial: what
 * `sevbench run --resume` continues from, also after a kill that nobody could catch. A line a cell,
 * "round target cell offset", and "failed" where it did; a line without its end counts for nothing.
 *
 * On which pages a guest's memory was is looked at when its launch ends, and only then does the
 * manifest tell of the launch. So the cells of a guest count once "sealed" stands behind them; what
 * was measured natively counts at once.
 */
#ifndef BENCH_RUN_JOURNAL_H
#define BENCH_RUN_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/folder.h"
#include "harness/target.h"

struct journal {
	FILE *out;
	char *path;   /* owned */
	bool *done;   /* owned; by round, target and cell */
	size_t cells; /* in the suite */
	unsigned rounds;
	long long end; /* bytes of the samples that are measured cells and what comes before them */
	size_t dropped; /* cells of a guest that were never sealed, when it was resumed */
	size_t failed;  /* of the others, when it was resumed */
};

#define JOURNAL_NAME ".journal"

/* Create it in the run's directory, for a run of that size. Errors name the file. */
int journal_create(struct journal *j, const struct folder *in, size_t cells, unsigned rounds,
                   struct err *e);

/*
 * Read what an interrupted run left, and go on with it; cells that were not sealed are not
 * measured. -EINVAL when it is of another run, -EBUSY when that still runs; a link, a pipe and the
 * like as folder_file has it.
 */
int journal_resume(struct journal *j, const struct folder *in, size_t cells, unsigned rounds,
                   struct err *e);

/* The rows of that cell are on disk, and the file is `end` bytes long. Round 0: what never runs. */
int journal_add(struct journal *j, unsigned round, unsigned target, size_t cell, long long end,
                bool failed, struct err *e);
/* The manifest on disk tells of the launches of all that was added. */
int journal_seal(struct journal *j, struct err *e);
bool journal_has(const struct journal *j, unsigned round, unsigned target, size_t cell);

/* Close it; with `remove` the run is complete, and nothing is left to continue. */
void journal_close(struct journal *j, bool remove);

#endif
