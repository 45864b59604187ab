/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The buffer of a page-state-change request (GHCB specification 2.03, section 4.1.6). */
#ifndef VMRUN_EMULATE_PSC_H
#define VMRUN_EMULATE_PSC_H

#include <stdbool.h>
#include <stdint.h>

#define PSC_ENTRIES     253u /* at most (VMGEXIT_PSC_MAX_ENTRY of Linux, asm/sev-common.h) */
#define PSC_HEADER_SIZE 8u
#define PSC_ENTRY_SIZE  8u

/* Operations of an entry, and of a request in the GHCB MSR. */
enum { PSC_PRIVATE = 1, PSC_SHARED = 2, PSC_PSMASH = 3, PSC_UNSMASH = 4 };

/* SW_EXITINFO2 of a request that failed (VMGEXIT_PSC_ERROR_* of Linux, asm/sev-common.h). */
#define PSC_BAD_HEADER 0x100000001ull
#define PSC_BAD_ENTRY  0x100000002ull

struct psc_header {
	uint16_t current, end; /* the entry to begin with, and the last one */
};

struct psc_entry {
	uint64_t address;
	unsigned done; /* pages of 4 KiB that are done */
	unsigned operation;
	bool large; /* 2 MiB */
};

struct psc_header psc_header(uint64_t raw);
uint64_t psc_header_raw(struct psc_header header);
struct psc_entry psc_entry(uint64_t raw);
uint64_t psc_entry_raw(struct psc_entry entry);

/* The guest whose request it is: its memory as the hypervisor sees it, and its pages. */
struct psc_guest {
	void *context;
	uint64_t (*read)(void *context, uint64_t address);
	void (*write)(void *context, uint64_t address, uint64_t raw);
	/* To PSC_PRIVATE or PSC_SHARED; pages that are so already, or are none, are left alone. */
	void (*change)(void *context, const struct psc_entry *entry);
};

/*
 * The request in the buffer at `scratch`, of PSC_HEADER_SIZE and PSC_ENTRIES entries: entries that
 * are done and the header say so in the buffer. What the guest writes there meanwhile changes
 * nothing of what was read. 0, or SW_EXITINFO2 of what failed.
 */
uint64_t psc_run(const struct psc_guest *guest, uint64_t scratch);

/* Is it one that a hypervisor accepts? */
bool psc_header_good(struct psc_header header);
bool psc_entry_good(struct psc_entry entry);

#endif
