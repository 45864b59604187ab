/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A byte for each 4 KiB page of guest-physical addresses. Only those are ever in memory that were
 * written.
 */
#ifndef VMRUN_EMULATE_PAGE_MAP_H
#define VMRUN_EMULATE_PAGE_MAP_H

#include <stdint.h>

#define PAGE_MAP_SHIFT 12
#define PAGE_MAP_PAGE  (1u << PAGE_MAP_SHIFT)

struct page_map {
	uint8_t *bytes;
	uint64_t count;
};

/* A map of zeros for `size` bytes of addresses. 0 or -ENOMEM. */
int page_map_open(struct page_map *map, uint64_t size);
void page_map_close(struct page_map *map);

/* That of the page at `address`; NULL beyond the map. */
uint8_t *page_map_at(const struct page_map *map, uint64_t address);

#endif
