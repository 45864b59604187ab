/* SPDX-License-Identifier: MIT */
/*
 * A run: the suite's cells on every platform, in rounds. bench/run/run.c plans and decides,
 * bench/run/run_directory.c keeps the results, bench/run/run_resume.c goes on with an earlier run,
 * bench/run/run_order.c and bench/run/run_memory.c say in which order and with how much memory,
 * bench/run/run_native.c and bench/run/run_guest.c launch, bench/run/run_cell.c takes in what a
 * cell leaves, bench/run/run_watch.c looks at what else goes on.
 */
#ifndef BENCH_RUN_RUN_H
#define BENCH_RUN_RUN_H

#include <jansson.h>
#include <signal.h>

#include "bench/run/collect.h"
#include "bench/run/journal.h"
#include "bench/run/progress.h"
#include "bench/run/run_options.h"
#include "bench/run/watch.h"
#include "bench/select/suite.h"

struct run_target {
	bool wanted;             /* asked for, or part of what is measured by default */
	bool launch;             /* wanted, and this host can */
	char reason[1024];       /* why it cannot */
	struct vm_choice choice; /* what it runs on */
};

/* Can this host launch that guest? `launch`, `reason` and `choice`; -EINVAL for bad input. */
int run_target_check(const struct vm_spec *spec, struct run_target *target, struct err *e);

/* Without an encrypted guest to match, QEMU's own firmware boots sooner. */
void run_target_firmware(const struct run_target targets[TARGET_COUNT], struct vm_spec *spec);

/* Those that are wanted, for the manifest. */
json_t *run_target_describe(const struct run_target targets[TARGET_COUNT]);

/* From now on a user's signals (harness/standard.h) end the guests under way; nonzero once one
 * came. */
const volatile sig_atomic_t *run_stop(void);

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
	int native_log; /* file descriptor of logs/native.log */
	struct run_target targets[TARGET_COUNT];
	struct collect collect;
	struct progress progress;
	json_t *manifest;
	struct journal journal;
	size_t *order;  /* cells still to be measured, permuted anew for every launch */
	size_t pending; /* how many */
	char **command; /* owned: the command line of the run that is resumed, or NULL */
	unsigned rounds;
	unsigned long ok, failed;
	struct place place;      /* the CPUs that native threads and vCPUs run on */
	double waited;           /* seconds that launches were put off, all together */
	unsigned long disturbed; /* cells */
	bool timed_out;
	const volatile sig_atomic_t *stop; /* set by SIGINT or SIGTERM */
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

void run_cell_begin(struct run_cell *c, struct run_launch *launch, const struct suite_cell *cell);
int run_cell_output(struct run_cell *c, const void *bytes, size_t length, struct err *e);
void run_cell_error(struct run_cell *c, const void *bytes, size_t length);

/* The cell's command ended. Adds a `failed` row when it left no whole stream. */
int run_cell_end(struct run_cell *c, enum vm_job_end how, int code, struct err *e);

/*
 * The rows of `cell`, which `failed` or not, are complete: count it, put them on disk, and it into
 * the journal unless interrupted.
 */
int run_cell_account(struct run_launch *launch, const struct suite_cell *cell, bool failed,
                     struct err *e);

/*
 * Measure every cell once, in the order of run->order. 0, or a negative errno for what makes going
 * on useless: -EINTR, a full disk. A guest that fails is a row for each cell it left out.
 */
int run_native(struct run_launch *launch, struct err *e);
int run_guest(struct run_launch *launch, struct err *e);

/* The result directory, with its logs, journal and samples: made anew (-EEXIST when it is there).
 */
int run_make_directory(struct run *run, struct err *e);

/*
 * Going on with a run that was interrupted: first its options and its manifest, then its suite and
 * the memory of its guests, then its directory, the samples cut back to the cells that were
 * complete.
 */
int run_resume_options(struct run *run, struct run_options *options, struct err *e);
int run_resume_suite(struct run *run, struct err *e);
void run_resume_memory(struct run *run);
int run_resume_directory(struct run *run, struct err *e);

/* To people and to the manifest: how many cells were dropped. Nothing where none was. */
void run_resume_say(struct run *run);

/* A random permutation of 0 to `count` - 1, the same for the same seed. */
void run_order(size_t *order, size_t count, uint64_t seed);

/* The same of a suite's cells, with those first that want a system which has just booted. */
void run_order_cells(const struct suite *suite, uint64_t seed, size_t *order);

/*
 * Give `vm` the memory that the cells of `suite` want, and pools of huge pages for those on
 * hugetlb pages. A cell that would take the guest beyond the memory that `vm` states already, or
 * beyond what a host with `available` bytes (0: not known) can give, is left out of account: its
 * program finds too little memory in the guest and says so.
 */
void run_memory_plan(const struct suite *suite, uint64_t available, struct vm_spec *vm);

/*
 * Put the launch off while others use its CPUs, within bounds, and note in its entry how that came
 * out; then what went on while it ran. A cell that was disturbed is noted in the manifest: its rows
 * stay.
 */
void run_watch_launch(struct run_launch *launch);
void run_watch_launch_end(struct run_launch *launch);
void run_watch_cell(struct run_cell *c);
void run_watch_cell_end(const struct run_cell *c);

/* How many cells were disturbed, to people; nothing when none was. */
void run_watch_say(struct run *run);

/* The guest of a target: run->vm with its platform and host pages. */
struct vm_spec run_guest_spec(const struct run *run, unsigned target);

/* A failure for the manifest and for people; the run goes on. */
void run_fail(struct run_launch *launch, const char *what);

#endif
