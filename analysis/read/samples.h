/* SPDX-License-Identifier: MIT */
/*
 * The rows of one or more samples.csv in memory: cells (what is measured), groups (one cell on one
 * platform in one round of one run, that is, in one process) and their times. A row costs eight
 * bytes beside its group. Nothing is computed here: times are as measured, before any subtraction.
 */
#ifndef ANALYSIS_READ_SAMPLES_H
#define ANALYSIS_READ_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/read/intern.h"
#include "harness/err.h"
#include "harness/kernel.h"
#include "harness/sampler.h"
#include "harness/sev.h"
#include "harness/target.h"

/* What makes a cell. Texts are ids in samples.text; padding-free, for it is a key. */
struct samples_cell_key {
	uint64_t size; /* bytes; 0 where the kernel has no size */
	uint32_t kernel, variant;
	uint32_t threads;
	uint32_t pages, backing, fill; /* "" where the kernel has no memory */
	uint32_t params;
	uint32_t zero;
};

struct samples_cell {
	struct samples_cell_key key;
	enum kernel_unit unit;
	bool single_shot;
	bool known; /* single_shot and unit come from a row that was measured */
};

struct samples_series {
	double *ns; /* of one iteration, in the order they were taken; owned */
	uint32_t count, room;
	uint32_t next; /* smallest sample number that may come next */
};

/* How often an operation left the guest, as its host counted: harness/result.h, exits to
 * exits_halt. */
enum samples_exits {
	SAMPLES_EXITS_ALL,
	SAMPLES_EXITS_IO,
	SAMPLES_EXITS_MMIO,
	SAMPLES_EXITS_IRQ,
	SAMPLES_EXITS_HALT,
	SAMPLES_EXITS_COUNT
};

/* What an emulated SEV processor counted of an operation: harness/result.h, vc to pvalidate. */
enum samples_sev {
	SAMPLES_SEV_VC,
	SAMPLES_SEV_VMGEXIT,
	SAMPLES_SEV_PAGE_STATES,
	SAMPLES_SEV_PVALIDATE,
	SAMPLES_SEV_COUNT
};

/* What makes a group. */
struct samples_group_key {
	uint32_t cell;
	uint32_t platform; /* a target: the platform with its host pages as read; once sorted,
	                    * with host pages only where they are not the run's usual ones, and
	                    * with SNP off where its source is of such a host */
	uint32_t accel;    /* enum accel */
	uint32_t source;   /* index in samples.sources */
	uint32_t run;      /* id in samples.text */
	uint32_t round;
};

struct samples_group {
	struct samples_group_key key;
	enum cell_status status;         /* the worst of its rows */
	bool unrun;                      /* has a row that holds no sample */
	bool usual;                      /* its host pages are the usual ones of its run */
	uint32_t reason;                 /* of that status; "" when ok */
	uint32_t cpus;                   /* as recorded: "2,3" */
	struct samples_series series[2]; /* by enum sample_series */
	uint64_t iterations;             /* of all op samples together */
	double read, written, allocate;  /* bytes of one iteration; NaN where not recorded */
	double tsc_hz;                   /* NaN where not recorded, as below */
	double tsc_step;                 /* ticks */
	double page_faults, involuntary, migrations, steal_ns; /* of the whole op series */
	double cycles, instructions, dtlb_misses;
	double exits[SAMPLES_EXITS_COUNT]; /* of one operation; so is ... */
	double sev[SAMPLES_SEV_COUNT];
};

/* One file that was read. */
struct samples_source {
	char *path;
	unsigned side;  /* files of one side are rounds of the same thing; sides are compared */
	bool snp_off;   /* of the same host with SNP off: its platforms are columns of their own */
	unsigned pilot; /* rounds that every cell has; those after them were made for cells that
	                 * scattered much in these. 0: the number was settled beforehand */
	double margin;  /* for which that was: 0.03 for 3 % */
	uint64_t device, inode;
	uint64_t rows;      /* taken */
	uint64_t bad_rows;  /* left out, under SAMPLES_PARTIAL */
	bool cut;           /* the file ends before its end, under SAMPLES_PARTIAL */
	struct err problem; /* the first thing that was wrong, "" when nothing was */
};

/* All zero is a valid empty set. */
struct samples {
	struct intern text, cell_keys, group_keys;
	struct samples_cell *cells;
	size_t cell_count, cell_room;
	struct samples_group *groups;
	size_t group_count, group_room;
	struct samples_source *sources;
	size_t source_count;
};

/*
 * One row, as the reader has understood it. `number` is the row's sample number; a row without a
 * sample (skipped, failed before the first) has iterations 0.
 */
struct samples_row {
	struct samples_cell_key cell;
	struct samples_group_key group; /* but for its cell */
	enum cell_status status;
	enum sample_series series;
	uint32_t reason, cpus;
	uint64_t number, iterations;
	double ns;                      /* of the whole batch */
	double read, written, allocate; /* of the whole batch; NaN where not recorded */
	bool known;                     /* unit and single_shot are recorded in this row */
	enum kernel_unit unit;
	bool single_shot;
	double tsc_hz, tsc_step, page_faults, involuntary, migrations, steal_ns;
	double cycles, instructions, dtlb_misses;
	double exits[SAMPLES_EXITS_COUNT], sev[SAMPLES_SEV_COUNT];
};

/*
 * Add a row to its group. -EINVAL when it contradicts an earlier one: a sample number that does not
 * ascend (a duplicate, or rows in another order than they were written), a second row without a
 * sample, a cell that changes its unit.
 */
int samples_add(struct samples *s, const struct samples_row *row, struct err *e);

/*
 * Put cells and groups in their canonical order, which does not depend on the order of the rows:
 * cells by kernel, variant, params, memory, threads and size, numbers in names as numbers; groups
 * by cell, platform, accel, side, run, round and source. To be called once, after the last file.
 * -EINVAL when two files of one side hold the same round of the same run.
 */
int samples_sort(struct samples *s, struct err *e);

/* The text behind an id: samples_text(s, cell->key.kernel). */
const char *samples_text(const struct samples *s, uint32_t id);

/* Was every operation timed alone on request (--single), beside a cell that times batches? */
bool samples_single_on_request(const struct samples *s, const struct samples_cell_key *key);

/* Did the round measure? A file that was cut may end in one that has baseline rows alone. */
bool samples_measured(const struct samples_group *group);

void samples_free(struct samples *s);

#endif
