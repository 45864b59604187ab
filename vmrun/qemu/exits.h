/* SPDX-License-Identifier: MIT */
/*
 * How often a guest left for its host: KVM's per-vCPU counters, as QEMU's query-stats shows them
 * (from QEMU 7.1), summed over the vCPUs, and what a cell made of them.
 */
#ifndef VMRUN_QEMU_EXITS_H
#define VMRUN_QEMU_EXITS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum exits_counter {
	EXITS_ALL,  /* "exits" */
	EXITS_IO,   /* "io_exits": for a port, wherever it ended */
	EXITS_MMIO, /* "mmio_exits": for MMIO that went to QEMU */
	EXITS_IRQ,  /* "irq_exits": for an interrupt of the host's */
	EXITS_HALT, /* "halt_exits" */
	EXITS_COUNT
};

struct exits {
	uint64_t begin[EXITS_COUNT]; /* of the cell under way */
	bool open;                   /* MARK_BEGIN has come */
};

/* One finished cell. */
struct exits_cell {
	char name[256];            /* as the guest's program names it */
	uint64_t operations;       /* between the marks, with warm-up */
	uint64_t sum[EXITS_COUNT]; /* between the marks */
};

/* "exits", "io_exits", ... */
const char *exits_name(enum exits_counter counter);

/*
 * Take a mark (harness/mark.h) with the reply to query-stats (target vcpu) at that moment. True
 * when it ends a cell, which is then in *cell. False for any other line, and without counters
 * (NULL).
 */
bool exits_mark(struct exits *x, const char *line, const json_t *stats, struct exits_cell *cell);

/* "cpuid/0x0: 1.002 exits per operation (ports 0.000, ...), 55000 operations": for people. */
void exits_text(const struct exits_cell *cell, char *text, size_t size);

#endif
