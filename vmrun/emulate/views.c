/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/views.h"

#include <string.h>

enum views_state views_state(const struct page_map *views, uint64_t address)
{
	const uint8_t *at = page_map_at(views, address);

	return at ? (enum views_state)__atomic_load_n(at, __ATOMIC_ACQUIRE) : VIEWS_SHARED;
}

void views_set(struct page_map *views, uint64_t address, enum views_state state)
{
	uint8_t *at = page_map_at(views, address);

	if (at)
		__atomic_store_n(at, (uint8_t)state, __ATOMIC_RELEASE);
}

/* The output function of SplitMix64: Steele, Lea, Flood, OOPSLA 2014, figure 17. */
static uint64_t spread(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

void views_mix(uint8_t page[PAGE_MAP_PAGE], uint64_t address, uint64_t key)
{
	uint64_t seed = spread(key ^ address >> PAGE_MAP_SHIFT << PAGE_MAP_SHIFT), word;

	for (unsigned at = 0; at < PAGE_MAP_PAGE; at += sizeof(word)) {
		memcpy(&word, page + at, sizeof(word));
		word ^= spread(seed + at);
		memcpy(page + at, &word, sizeof(word));
	}
}
