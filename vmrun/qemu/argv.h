/* SPDX-License-Identifier: MIT */
/*
 * The QEMU command line, as a vector. One base serves every platform, so that the guests differ in
 * SEV alone; what a platform adds to it stands in one table. This file and harness/sev.c are the
 * only homes of SEV knowledge.
 */
#ifndef VMRUN_QEMU_ARGV_H
#define VMRUN_QEMU_ARGV_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/err.h"
#include "harness/mem.h"
#include "harness/sev.h"
#include "vmrun/qemu/dialect.h"

/* Files of one run, inside its private directory. */
#define ARGV_INITRAMFS "initramfs.cpio"
#define ARGV_QMP       "qmp.sock" /* QEMU connects to these: vmrun listens */
#define ARGV_CONSOLE   "console.sock"
#define ARGV_PORT      "port.sock"
#define ARGV_COUNTERS  "counters" /* of the emulated SEV processor (vmrun/emulate/counters.h) */
#define ARGV_TRACE     "trace"    /* a pipe for what it does (vmrun/launch/trace.h) */

/* Everything is decided here: no default is left open. Strings are borrowed. */
struct argv_plan {
	const struct qemu *qemu;
	enum platform platform;
	enum accel accel;     /* kvm or tcg */
	const char *firmware; /* NULL: QEMU's own */
	const char *kernel;
	const char *cpu_model;
	const char *append; /* NULL: nothing to add */
	uint64_t memory;    /* bytes; a multiple of 1 MiB */
	enum mem_pages backing;
	unsigned huge_2m, huge_1g; /* as in the spec */
	unsigned vcpus;
	unsigned core_threads; /* of them on one core, one behind the other; 0 counts as 1 */
	int node;              /* bind the memory to this NUMA node; -1: leave it to Linux */
	unsigned cbit;         /* position of the C-bit in a page table entry */
	bool legacy_type;      /* KVM makes sev and sev-es guests, and has no type for them */
	const char *directory; /* the run's private directory */
	const char *plugin;    /* emulates SEV (vmrun/emulate); NULL: not emulated */
	bool trace;            /* the plugin writes down what it does */
	bool emulated;         /* it does, or does in the guests that this plain one is to match */
};

/* Why a setting is not the same for two platforms. */
struct argv_reason {
	const char *where;  /* the setting, as argv_diff.h names it */
	unsigned platforms; /* bit 1 << platform: it holds where one of these is compared */
	const char *why;    /* a sentence without a full stop */
	const char *source; /* where that is written */
};

/* The reason for a setting that differs between two platforms; NULL: there is none. */
const struct argv_reason *argv_reason(const char *where, const enum platform platform[2]);

/*
 * Build the vector, NULL-terminated, for argv_free(). -EINVAL for what no QEMU can do (an
 * encrypted guest on QEMU's own firmware); -ENOTSUP for what this QEMU or accelerator cannot do.
 */
int argv_build(const struct argv_plan *plan, char ***argv, struct err *e);

void argv_free(char **argv);

/* Can this plan be launched at all? The errors of argv_build, without building. */
int argv_check(const struct argv_plan *plan, struct err *e);

/* `word` as a POSIX shell takes it: quoted when it must be. The caller frees it; NULL: no memory.
 */
char *argv_quote(const char *word);

#endif
