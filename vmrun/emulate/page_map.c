/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/page_map.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

int page_map_open(struct page_map *map, uint64_t size)
{
	void *bytes;

	map->count = size >> PAGE_MAP_SHIFT;
	bytes = mmap(NULL, map->count, PROT_READ | PROT_WRITE,
	             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (bytes == MAP_FAILED)
		return -ENOMEM;
	map->bytes = bytes;
	return 0;
}

void page_map_close(struct page_map *map)
{
	munmap(map->bytes, map->count);
	map->bytes = NULL;
	map->count = 0;
}

uint8_t *page_map_at(const struct page_map *map, uint64_t address)
{
	uint64_t page = address >> PAGE_MAP_SHIFT;

	return page < map->count ? &map->bytes[page] : NULL;
}
