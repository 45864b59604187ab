/* SPDX-License-Identifier: MIT */
/* What one cell leaves: its rows, its failure, its place in the journal. */
#ifndef BENCH_RUN_RUN_CELL_H
#define BENCH_RUN_RUN_CELL_H

#include "bench/run/run.h"

/* A cell under way: its stream, and the last line of its standard error. */
struct run_cell {
	struct run_launch *launch;
	const struct suite_cell *cell;
	struct collect_stream stream;
	char complaint[1024];
	bool broken; /* what it printed is no stream of results: `complaint` says why */
	bool under_way;
	struct watch_reading before;
};

/* -ENOMEM. */
int run_cell_begin(struct run_cell *c, struct run_launch *launch, const struct suite_cell *cell,
                   struct err *e);
int run_cell_output(struct run_cell *c, const void *bytes, size_t length, struct err *e);
void run_cell_error(struct run_cell *c, const void *bytes, size_t length);
/* What was counted between its marks. */
int run_cell_counts(struct run_cell *c, const struct counts_cell *counts, struct err *e);

/* The cell's command ended. Adds a `failed` row when it left no whole stream. */
int run_cell_end(struct run_cell *c, enum vm_job_end how, int code, struct err *e);

/*
 * The rows of `cell`, which `failed` or not, are complete: count it, put them on disk, and it into
 * the journal unless interrupted.
 */
int run_cell_account(struct run_launch *launch, const struct suite_cell *cell, bool failed,
                     struct err *e);

#endif
