/* SPDX-License-Identifier: MIT */
/*
 * A run: the suite's cells on every platform, in rounds. This is what is known of one while it goes
 * on; the files that begin with run_ work on it, in this order:
 *
 *   run_options, run_resume   what is asked for: by the command line, or by an earlier run
 *   run_plan                  which cells on which targets (run_target), in guests of which memory
 *                             (run_memory)
 *   run_directory             where the results go
 *   run_measure               the measurement from its manifest (run_manifest) to its end
 *   run_rounds                every launch of every round, in which order (run_order), and how many
 *                             of which cell (run_design)
 *   run_native, run_guest     one launch, and what else went on meanwhile (run_watch)
 *   run_cell                  what one cell leaves
 *
 * run_say tells people, run_stop listens to them.
 */
#ifndef BENCH_RUN_RUN_H
#define BENCH_RUN_RUN_H

#include <jansson.h>
#include <signal.h>

#include "bench/run/collect.h"
#include "bench/run/design.h"
#include "bench/run/journal.h"
#include "bench/run/progress.h"
#include "bench/run/run_options.h"
#include "bench/run/run_target.h"
#include "bench/run/watch.h"
#include "bench/select/suite.h"

struct run {
	const struct run_options *options;
	int argc; /* the command line, for the manifest */
	char **argv;
	struct suite suite;
	struct vm_spec vm; /* the guests, the platform left open */
	char *name;        /* last part of the directory: the `run` column */
	char *directory;
	char *logs;
	char *programs; /* the folder of the per-kernel binaries */
	char *linker;   /* that starts them on this machine; NULL: they start by themselves */
	int native_log; /* file descriptor of logs/native.log */
	struct run_target targets[TARGET_COUNT];
	struct collect collect;
	struct progress progress;
	json_t *manifest;
	struct journal journal;
	size_t *order;   /* cells still to be measured, permuted anew for every launch */
	size_t pending;  /* how many */
	char **command;  /* owned: the command line of the run that is resumed, or NULL */
	unsigned rounds; /* planned so far */
	struct design design;
	double began, spent_before; /* seconds of CLOCK_MONOTONIC; of an interrupted run */
	unsigned long ok, failed;
	struct place place;      /* the CPUs that native threads and vCPUs run on */
	double waited;           /* seconds that launches were put off, all together */
	unsigned long disturbed; /* cells */
	bool timed_out;
	const volatile sig_atomic_t *stop; /* the signal by which a user ends it, or 0 */
};

/* One launch of one platform. */
struct run_launch {
	struct run *run;
	unsigned target;
	struct result_origin origin;
	json_t *json;  /* this launch's entry in the manifest */
	uint64_t seed; /* the same on every platform of a round */
	struct watch_reading before;
};

/* A failure of a launch, for the manifest and for people; the run goes on. */
void run_fail(struct run_launch *launch, const char *what);

/* Something was measured, now or before it was resumed. */
bool run_has_samples(const struct run *run);

/* All that it owns. */
void run_free(struct run *run);

#endif
