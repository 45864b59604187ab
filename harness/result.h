/* SPDX-License-Identifier: MIT */
/*
 * samples.csv: one row a sample, tidy, immutable. The same bytes come out of a per-kernel binary on
 * any platform and stand in a run's directory.
 *
 * Text fields hold [A-Za-z0-9_.:;=/+ -] or are quoted (RFC 4180) with line breaks turned into
 * spaces; numbers have a point whatever the locale; a field that is not known is empty, never 0.
 */
#ifndef HARNESS_RESULT_H
#define HARNESS_RESULT_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/clock.h"
#include "harness/folder.h"
#include "harness/sampler.h"
#include "harness/sev.h"

#define RESULT_SCHEMA 2 /* 1 had no exits columns; its rows are read all the same */

/*
 * The columns, in order. Readers find them by name. `params` holds the kernel's own axes as
 * "name=value" joined by ';' (and slow_percent=, which harness/slow.h explains). `iterations` and
 * `ticks` are of the whole batch; bytes_* too (the operation's traffic, over all threads). From
 * `cpus` to `unit` the fields belong to the cell in this process and repeat in each of its rows.
 * `interrupts` are those that hit the sample, where that is known: what ring 0 measures. `unit`
 * says how people read the kernel: "bandwidth" (the bytes of an iteration over its time) or
 * "latency" (the time of an iteration). `sev_by` says what makes an encrypted guest one:
 * "hardware", or "emulation" (vmrun/emulate); empty elsewhere, and where nothing ran. `exits` and
 * what follows are written by the host that launched the guest (bench/run/collect.c), by what was
 * counted while the cell was sampled, of one operation; empty where nobody counts (natively, in a
 * plain guest of TCG, QEMU before 7.1). KVM counts how often it left the guest: exits holds all; of
 * these _io were for a port, _mmio for MMIO that went to QEMU, _irq for an interrupt of the host's
 * own, _halt halted. An emulated SEV processor counts `vc` (#VC raised), `vmgexit` (VMGEXIT, with a
 * GHCB page or a request in the GHCB MSR), `page_states` (pages that changed between private and
 * shared as a guest asked for them: one of 4 KiB or one of 2 MiB) and `pvalidate` (PVALIDATE,
 * whatever came of it); the guest's timer interrupts raise #VC too, and are in them.
 */
/* clang-format off */
#define RESULT_COLUMNS(X)                                                                          \
	X(schema) X(run) X(round) X(platform) X(accel) X(kernel) X(variant) X(size) X(threads)     \
	X(pages) X(backing) X(fill) X(series) X(sample) X(iterations) X(ticks) X(ns)               \
	X(bytes_read) X(bytes_written) X(status) X(reason) X(params) X(bytes_allocate) X(cpus)     \
	X(node) X(single_shot) X(tsc_hz) X(tsc_step) X(page_faults) X(involuntary) X(migrations)   \
	X(steal_ns) X(cycles) X(instructions) X(dtlb_misses) X(unit) X(interrupts) X(sev_by)       \
	X(exits) X(exits_io) X(exits_mmio) X(exits_irq) X(exits_halt) X(vc) X(vmgexit)             \
	X(page_states) X(pvalidate) X(host_pages)
/* clang-format on */

#define RESULT_COLUMN_ENUM(name) RESULT_##name,
enum result_column { RESULT_COLUMNS(RESULT_COLUMN_ENUM) RESULT_COLUMN_COUNT };
#undef RESULT_COLUMN_ENUM

/* "schema", "run", ... */
const char *result_column_name(enum result_column column);

/*
 * The columns that are the host's to fill come last, and a guest writes its rows with these empty
 * fields: its counts, and the host pages that carry the guest ("4k", "thp", "2m", "1g"; empty
 * natively).
 */
#define RESULT_COUNTS_FIELDS ",,,,,,,,,"
#define RESULT_HOST_FIELDS   RESULT_COUNTS_FIELDS ","

/* What every row of one launch shares. */
struct result_origin {
	const char *run; /* the run's name; "" where there is none */
	unsigned round;  /* from 1; 0 where there are no rounds */
	enum platform platform;
	enum accel accel;
	const char *host_pages; /* NULL: not known here, or no guest */
};

/*
 * One text field of a CSV: in quotes where it needs them (RFC 4180); control characters become
 * spaces.
 */
void result_put_text(FILE *out, const char *text);

/* The header line, with its newline. */
int result_write_header(FILE *out, struct err *e);

/* All rows of one cell. A skipped or failed cell without samples is one row with empty numbers. */
int result_write_cell(FILE *out, const struct result_origin *origin, const struct setup *setup,
                      const struct clock *clock, const struct sampler_result *result,
                      struct err *e);

/* One row for a cell that never ran: `status` and `reason`, everything measured empty. */
int result_write_unrun(FILE *out, const struct result_origin *origin, const struct cell *cell,
                       enum cell_status status, const char *reason, struct err *e);

/*
 * The end of a stream (never of a file): a line that says how many rows came before, so that a
 * reader can tell a finished stream from a cut one. result_end_rows() reads it: the count, or -1.
 */
#define RESULT_END_PREFIX "#end,rows="
int result_write_end(FILE *out, unsigned long rows, struct err *e);
long result_end_rows(const char *line);

/*
 * A file that is complete or is not there: written as PATH.partial, renamed to PATH by
 * result_file_commit. What exists already, as PATH or as PATH.partial, is refused (-EEXIST); so is
 * what could only be overwritten (a directory, a disk, a link to nothing). A character device or a
 * pipe is written into, and is there at once. What comes into being at PATH meanwhile stays, and
 * PATH.partial too. result_file_abandon closes and keeps PATH.partial.
 *
 * A path is what somebody has named, and may hold links. Of the functions that end in _in the file
 * is one of a directory that may hold anything: no link is followed (-ELOOP).
 */
struct result_file {
	FILE *out;
	char *path;
	char *partial; /* what is written to: PATH itself where that is a device or a pipe */
	bool replaces; /* what stands at PATH, if it is a regular file */
	int folder;    /* where both names stand, held open ... */
	bool held;     /* ... if this is set */
};
int result_file_open(const char *path, struct result_file *file, struct err *e);
int result_file_open_in(const struct folder *in, const char *name, struct result_file *file,
                        struct err *e);
int result_file_commit(struct result_file *file, struct err *e);
void result_file_abandon(struct result_file *file);

/*
 * The end of a file that can be made again: committed when `rc`, of writing it, is 0 and nothing
 * went wrong with the file either; otherwise PATH.partial is removed. Returns rc or what went
 * wrong.
 */
int result_file_end(struct result_file *file, int rc, struct err *e);

/*
 * result_file_open, where a regular file that has `mark` among its first bytes, an earlier output
 * of the same kind, may be replaced, and PATH.partial of one is removed. `kind` says for a sentence
 * what that is: "a report".
 */
int result_file_renew(const char *path, const char *mark, const char *kind,
                      struct result_file *file, struct err *e);
int result_file_renew_in(const struct folder *in, const char *name, const char *mark,
                         const char *kind, struct result_file *file, struct err *e);

/*
 * result_file_open, where with `force` a regular file may be replaced, whatever it holds, and a
 * PATH.partial that was left is removed: --force. Nothing but regular files is ever replaced.
 */
int result_file_replace(const char *path, bool force, struct result_file *file, struct err *e);
int result_file_replace_in(const struct folder *in, const char *name, struct result_file *file,
                           struct err *e);

/*
 * Go on with NAME.partial of a run that did not end, from its first byte: nothing but a regular
 * file of one name (folder_file).
 */
int result_file_resume(const struct folder *in, const char *name, struct result_file *file,
                       struct err *e);

/* Whether result_file_replace would refuse the path, asked before anything is done. */
int result_file_check(const char *path, bool force, struct err *e);

#endif
