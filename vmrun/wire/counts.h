/* SPDX-License-Identifier: MIT */
/*
 * What the host counts of a running guest, by name, and what a cell (harness/mark.h) makes of it.
 * KVM counts exits (vmrun/qemu/exits.h), an emulated SEV processor what SEV adds to a guest
 * (vmrun/launch/emulation.h); all are summed over the vCPUs.
 */
#ifndef VMRUN_WIRE_COUNTS_H
#define VMRUN_WIRE_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum counts_by { COUNTS_NOBODY, COUNTS_KVM, COUNTS_EMULATION };

/* In the order of the columns from exits on (harness/result.h). */
enum counts_name {
	COUNTS_EXITS,       /* KVM: all exits; of these ... */
	COUNTS_EXITS_IO,    /* ... for a port, wherever it ended */
	COUNTS_EXITS_MMIO,  /* ... for MMIO that went to QEMU */
	COUNTS_EXITS_IRQ,   /* ... for an interrupt of the host's */
	COUNTS_EXITS_HALT,  /* ... halted */
	COUNTS_VC,          /* emulation: #VC raised */
	COUNTS_VMGEXIT,     /* VMGEXIT, with a GHCB page or a request in the GHCB MSR */
	COUNTS_PAGE_STATES, /* page-state requests granted, each of 4 KiB or 2 MiB */
	COUNTS_PVALIDATE,   /* PVALIDATE, whatever came of it */
	COUNTS_COUNT
};

struct counts {
	enum counts_by by;
	uint64_t of[COUNTS_COUNT]; /* those of another counter are 0 and mean nothing */
};

/* One finished cell. */
struct counts_cell {
	char name[256];      /* as the guest's program names it */
	uint64_t operations; /* between the marks, with warm-up */
	struct counts sum;   /* between the marks */
};

/* The cell under way; zero-initialise. */
struct counts_marks {
	struct counts begin;
	bool open; /* MARK_BEGIN has come */
};

/* "exits" ... "pvalidate": the columns. */
const char *counts_name(enum counts_name name);

/* Is that among what `by` counts? */
bool counts_known(enum counts_by by, enum counts_name name);

/*
 * Take a mark with what was counted at that moment. True when it ends a cell, which is then in
 * *cell. False for any other line, and where nobody counts.
 */
bool counts_mark(struct counts_marks *m, const char *line, const struct counts *now,
                 struct counts_cell *cell);

/* "cpuid/0x0: 1.002 exits per operation (ports 0.000, ...), 55000 operations": for people. */
void counts_text(const struct counts_cell *cell, char *text, size_t size);

#endif
