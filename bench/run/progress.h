/* SPDX-License-Identifier: MIT */
/* What a run is doing and how long it will take: one line that changes on a terminal, plain lines
 * in a pipe. */
#ifndef BENCH_RUN_PROGRESS_H
#define BENCH_RUN_PROGRESS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/target.h"

struct progress {
	FILE *out;
	bool terminal;
	size_t total, done; /* cells over all rounds and platforms that run */
	unsigned rounds, round;
	unsigned target;
	const char *accel;
	/* per platform, for the time left */
	size_t planned[TARGET_COUNT], finished[TARGET_COUNT];
	double spent[TARGET_COUNT]; /* seconds, launches included */
	double since;               /* when the launch or cell under way began */
};

/* `planned`: cells on each platform over all rounds. */
void progress_begin(struct progress *p, FILE *out, unsigned rounds,
                    const size_t planned[TARGET_COUNT]);

/* More of them, that were not known when it began. */
void progress_more(struct progress *p, unsigned rounds, const size_t more[TARGET_COUNT]);

/* A launch of `target` begins. */
void progress_launch(struct progress *p, unsigned round, unsigned target, const char *accel);

/* The cell `text` begins; the cell under way is done. */
void progress_cell(struct progress *p, const char *text);
void progress_cell_done(struct progress *p);

/* The launch is over: cells that it left out count as done. */
void progress_launch_done(struct progress *p, size_t left_out);

/* A line of its own that stays: a warning, a failure. */
void progress_say(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Remove the changing line. */
void progress_end(struct progress *p);

#endif
