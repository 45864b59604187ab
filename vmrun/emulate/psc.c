/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/psc.h"

#define LARGE_PAGES 512u
#define LARGE_BIT   (1ull << 56)

struct psc_header psc_header(uint64_t raw)
{
	return (struct psc_header){.current = (uint16_t)raw, .end = (uint16_t)(raw >> 16)};
}

uint64_t psc_header_raw(struct psc_header header)
{
	return header.current | (uint64_t)header.end << 16;
}

/* Bits 11:0 pages done, 51:12 frame, 55:52 operation, 56 size. */
struct psc_entry psc_entry(uint64_t raw)
{
	return (struct psc_entry){
	        .address = raw & 0x000ffffffffff000ull,
	        .done = (unsigned)(raw & 0xfff),
	        .operation = (unsigned)(raw >> 52 & 0xf),
	        .large = raw & LARGE_BIT,
	};
}

uint64_t psc_entry_raw(struct psc_entry entry)
{
	return entry.address | entry.done | (uint64_t)entry.operation << 52 |
	       (entry.large ? LARGE_BIT : 0);
}

bool psc_header_good(struct psc_header header)
{
	return header.end < PSC_ENTRIES;
}

bool psc_entry_good(struct psc_entry entry)
{
	unsigned pages = entry.large ? LARGE_PAGES : 1;

	return entry.done <= pages && !(entry.address >> 12 & (pages - 1)) &&
	       entry.operation >= PSC_PRIVATE && entry.operation <= PSC_UNSMASH;
}

uint64_t psc_run(const struct psc_guest *guest, uint64_t scratch)
{
	struct psc_header header = psc_header(guest->read(guest->context, scratch));
	uint64_t answer = 0;

	if (!psc_header_good(header))
		return PSC_BAD_HEADER;
	for (; header.current <= header.end; header.current++) {
		uint64_t at = scratch + PSC_HEADER_SIZE + (uint64_t)PSC_ENTRY_SIZE * header.current;
		struct psc_entry entry = psc_entry(guest->read(guest->context, at));

		if (!psc_entry_good(entry)) {
			answer = PSC_BAD_ENTRY;
			break;
		}
		/* PSMASH and UNSMASH change nothing that a guest sees, as with KVM. */
		if (entry.operation == PSC_PRIVATE || entry.operation == PSC_SHARED)
			guest->change(guest->context, &entry);
		entry.done = entry.large ? LARGE_PAGES : 1;
		guest->write(guest->context, at, psc_entry_raw(entry));
	}
	guest->write(guest->context, scratch, psc_header_raw(header));
	return answer;
}
