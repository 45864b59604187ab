/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/pages.h"

#define LARGE_PAGES 512u /* of 4 KiB in 2 MiB */

enum pages_state pages_state(const struct page_map *pages, uint64_t address)
{
	const uint8_t *at = page_map_at(pages, address);

	return at ? (enum pages_state)__atomic_load_n(at, __ATOMIC_ACQUIRE) : PAGES_SHARED;
}

void pages_launch(struct page_map *pages, uint64_t address, uint64_t size)
{
	for (uint64_t at = address; at < address + size; at += PAGE_MAP_PAGE) {
		uint8_t *state = page_map_at(pages, at);

		if (state)
			__atomic_store_n(state, PAGES_VALID, __ATOMIC_RELEASE);
	}
}

/* One page of 4 KiB: PAGES_DONE or PAGES_NOT_OURS. */
static int validate_one(uint8_t *state, bool valid, bool *unchanged)
{
	uint8_t was = __atomic_load_n(state, __ATOMIC_ACQUIRE), want;

	do {
		if (was == PAGES_SHARED)
			return PAGES_NOT_OURS;
		want = valid ? (was == PAGES_VMSA ? PAGES_VMSA : PAGES_VALID) : PAGES_PRIVATE;
	} while (!__atomic_compare_exchange_n(state, &was, want, false, __ATOMIC_ACQ_REL,
	                                      __ATOMIC_ACQUIRE));
	*unchanged = *unchanged && was == want;
	return PAGES_DONE;
}

int pages_validate(struct page_map *pages, uint64_t address, bool large, bool valid,
                   bool *unchanged)
{
	uint64_t count = large ? LARGE_PAGES : 1;

	*unchanged = true;
	if (large && address & (((uint64_t)LARGE_PAGES << PAGE_MAP_SHIFT) - 1))
		return PAGES_FAIL_INPUT;
	for (uint64_t i = 0; i < count; i++) {
		uint8_t *state = page_map_at(pages, address + (i << PAGE_MAP_SHIFT));
		int rc = state ? validate_one(state, valid, unchanged) : PAGES_NOT_OURS;

		if (rc)
			return rc;
	}
	return PAGES_DONE;
}

int pages_adjust(struct page_map *pages, uint64_t address, bool vmsa)
{
	uint8_t *state = page_map_at(pages, address), was;
	const uint8_t want = vmsa ? PAGES_VMSA : PAGES_VALID;

	if (!state)
		return PAGES_NOT_OURS;
	was = __atomic_load_n(state, __ATOMIC_ACQUIRE);
	do {
		if (was == PAGES_SHARED)
			return PAGES_NOT_OURS;
		if (was == PAGES_PRIVATE)
			return PAGES_FAIL_INPUT;
	} while (!__atomic_compare_exchange_n(state, &was, want, false, __ATOMIC_ACQ_REL,
	                                      __ATOMIC_ACQUIRE));
	return PAGES_DONE;
}

bool pages_assign(struct page_map *pages, uint64_t address, bool shared)
{
	uint8_t *state = page_map_at(pages, address), was;

	if (!state)
		return false;
	was = __atomic_load_n(state, __ATOMIC_ACQUIRE);
	do {
		if ((was == PAGES_SHARED) == shared)
			return false;
	} while (!__atomic_compare_exchange_n(state, &was, shared ? PAGES_SHARED : PAGES_PRIVATE,
	                                      false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	return true;
}
