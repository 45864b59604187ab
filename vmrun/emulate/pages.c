/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/pages.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#define PAGE_SHIFT  12
#define LARGE_PAGES 512u /* of 4 KiB in 2 MiB */

int pages_open(struct pages *pages, uint64_t bytes)
{
	void *state;

	/* One byte a page, of which only those are ever in memory that a guest touches. */
	pages->count = bytes >> PAGE_SHIFT;
	state = mmap(NULL, pages->count, PROT_READ | PROT_WRITE,
	             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (state == MAP_FAILED)
		return -ENOMEM;
	pages->state = state;
	return 0;
}

void pages_close(struct pages *pages)
{
	munmap(pages->state, pages->count);
	pages->state = NULL;
	pages->count = 0;
}

static uint8_t *find(const struct pages *pages, uint64_t address)
{
	uint64_t page = address >> PAGE_SHIFT;

	return page < pages->count ? &pages->state[page] : NULL;
}

enum pages_state pages_state(const struct pages *pages, uint64_t address)
{
	const uint8_t *at = find(pages, address);

	return at ? (enum pages_state)__atomic_load_n(at, __ATOMIC_ACQUIRE) : PAGES_SHARED;
}

void pages_launch(struct pages *pages, uint64_t address, uint64_t size)
{
	for (uint64_t at = address; at < address + size; at += 1u << PAGE_SHIFT) {
		uint8_t *state = find(pages, at);

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

int pages_validate(struct pages *pages, uint64_t address, bool large, bool valid, bool *unchanged)
{
	uint64_t count = large ? LARGE_PAGES : 1;

	*unchanged = true;
	if (large && address & (((uint64_t)LARGE_PAGES << PAGE_SHIFT) - 1))
		return PAGES_FAIL_INPUT;
	for (uint64_t i = 0; i < count; i++) {
		uint8_t *state = find(pages, address + (i << PAGE_SHIFT));
		int rc = state ? validate_one(state, valid, unchanged) : PAGES_NOT_OURS;

		if (rc)
			return rc;
	}
	return PAGES_DONE;
}

int pages_adjust(struct pages *pages, uint64_t address, bool vmsa)
{
	uint8_t *state = find(pages, address), was;
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

bool pages_assign(struct pages *pages, uint64_t address, bool large, bool shared)
{
	uint64_t count = large ? LARGE_PAGES : 1;
	bool cached = false;

	for (uint64_t i = 0; i < count; i++) {
		uint8_t *state = find(pages, address + (i << PAGE_SHIFT)), was;

		if (!state)
			continue;
		was = __atomic_exchange_n(state, shared ? PAGES_SHARED : PAGES_PRIVATE,
		                          __ATOMIC_ACQ_REL);
		cached = cached || was != PAGES_PRIVATE;
	}
	return cached;
}
