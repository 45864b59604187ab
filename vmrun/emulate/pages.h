/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the RMP knows of each 4 KiB page of a guest (AMD64 APM volume 2, section 15.36.3), as far as
 * one guest at VMPL 0 can tell: whose it is, and whether the guest validated it. vCPUs change it at
 * the same time; each change of a page is one atomic step.
 */
#ifndef VMRUN_EMULATE_PAGES_H
#define VMRUN_EMULATE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "vmrun/emulate/page_map.h"

enum pages_state {
	PAGES_PRIVATE, /* the guest's, not validated: what memory is at launch */
	PAGES_VALID,   /* the guest's, and validated */
	PAGES_SHARED,  /* the hypervisor's */
	PAGES_VMSA,    /* validated, and holds the registers of a vCPU */
};

/* What PVALIDATE and RMPADJUST leave in EAX (AMD64 APM volume 3, PVALIDATE). */
enum pages_result {
	PAGES_DONE = 0,
	PAGES_FAIL_INPUT = 1,
	PAGES_FAIL_PERMISSION = 2,
	PAGES_FAIL_SIZE = 6,
	PAGES_NOT_OURS =
	        -1, /* no result: the page is shared, the processor would ask the hypervisor */
};

/* The state of the page at `address`. Beyond the map everything is shared. */
enum pages_state pages_state(const struct page_map *pages, uint64_t address);

/* At launch: the `size` bytes from `address` on are validated. */
void pages_launch(struct page_map *pages, uint64_t address, uint64_t size);

/*
 * PVALIDATE of the page of 4 KiB, or with `large` of 2 MiB, at `address`. *unchanged: all of it was
 * in that state before.
 */
int pages_validate(struct page_map *pages, uint64_t address, bool large, bool valid,
                   bool *unchanged);

/* RMPADJUST of the page at `address`, which becomes a VMSA or ceases to be one. */
int pages_adjust(struct page_map *pages, uint64_t address, bool vmsa);

/*
 * The hypervisor gives the page of 4 KiB at `address` to the guest, or takes it. If that changes
 * anything it is not validated afterwards, and true is returned.
 */
bool pages_assign(struct page_map *pages, uint64_t address, bool shared);

#endif
