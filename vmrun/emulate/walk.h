/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A walk of a guest's page tables in long mode, with the C-bit. */
#ifndef VMRUN_EMULATE_WALK_H
#define VMRUN_EMULATE_WALK_H

#include <stdbool.h>
#include <stdint.h>

struct walk {
	/* Read 8 bytes at a physical address without C-bit. False: there is no memory. */
	bool (*read)(void *context, uint64_t address, uint64_t *entry);
	void *context;
	uint64_t cr3;
	unsigned levels; /* 4, or 5 with CR4.LA57 */
	unsigned c_bit;
};

struct walk_page {
	uint64_t address; /* physical, without C-bit, of the byte that was asked for */
	uint64_t size;    /* of the mapping: 4 KiB, 2 MiB or 1 GiB */
	bool encrypted;   /* the C-bit of the last entry */
	bool writable, user, executable;
};

/* False: `va` is not mapped. */
bool walk_va(const struct walk *walk, uint64_t va, struct walk_page *page);

#endif
