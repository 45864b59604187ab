/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two views of a page: memory is encrypted with a key of the guest's where an access has the
 * C-bit, and is what it is where it has none (AMD64 APM volume 2, section 15.34.5). Here the two
 * are pages of their own, of which one at a time is good: the view that was used last. Where the
 * other one is used, what is good is mixed with a key and goes there. It is no cryptography.
 *
 * Of a guest of SNP the two are the hypervisor's and the guest's own memory, as on hardware (KVM's
 * guest_memfd), and neither sees of the other what it wrote.
 */
#ifndef VMRUN_EMULATE_VIEWS_H
#define VMRUN_EMULATE_VIEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "vmrun/emulate/page_map.h"

enum views_state {
	VIEWS_NEW, /* no vCPU has used it */
	VIEWS_PRIVATE,
	VIEWS_SHARED,
};

/* The view of the page at `address` that is good. Beyond the map it is the shared one. */
enum views_state views_state(const struct page_map *views, uint64_t address);
void views_set(struct page_map *views, uint64_t address, enum views_state state);

/*
 * One view of the page at `address` (without C-bit) into the other, with a key: the same function
 * for both directions.
 */
void views_mix(uint8_t page[PAGE_MAP_PAGE], uint64_t address, uint64_t key);

#endif
