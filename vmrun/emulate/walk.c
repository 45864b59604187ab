/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/walk.h"

/*
 * Bits of an entry: _PAGE_BIT_* of Linux, arch/x86/include/asm/pgtable_types.h. AMD64 APM volume 2,
 * section 15.34.5 for the C-bit, which counts in the last entry alone. A table's own address may
 * carry it; what is at the address is the same.
 */
#define PRESENT    1ull
#define WRITABLE   2ull
#define USER       4ull
#define LARGE      0x80ull
#define NO_EXECUTE (1ull << 63)
#define FRAME      0x000ffffffffff000ull

bool walk_va(const struct walk *walk, uint64_t va, struct walk_page *page)
{
	const uint64_t c = 1ull << walk->c_bit;
	uint64_t table = walk->cr3, entry = 0, offset;
	unsigned level = walk->levels, shift;

	*page = (struct walk_page){.writable = true, .user = true, .executable = true};
	do {
		level--;
		shift = 12 + 9 * level;
		if (!walk->read(walk->context, (table & FRAME & ~c) + (va >> shift & 511) * 8,
		                &entry) ||
		    !(entry & PRESENT))
			return false;
		page->writable = page->writable && (entry & WRITABLE);
		page->user = page->user && (entry & USER);
		page->executable = page->executable && !(entry & NO_EXECUTE);
		table = entry;
	} while (level > 0 && !(level < 3 && (entry & LARGE)));

	page->size = 1ull << shift;
	offset = page->size - 1;
	page->address = (entry & FRAME & ~c & ~offset) | (va & offset);
	page->encrypted = entry & c;
	return true;
}
