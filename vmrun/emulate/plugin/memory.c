/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/memory.h"

#include <stdlib.h>
#include <string.h>

#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/qemu.h"

/* An alias has to end before the next bit: 2^46 bytes, all that QEMU's address spaces are used for.
 */
#define ALIAS_BYTES (1ull << 46)
/* A MemoryRegion is opaque; it takes 272 bytes in QEMU 11. */
#define REGION_BYTES 4096u

/*
 * Where each 2 MiB of RAM lie in QEMU's own address space, once they were looked for: page tables
 * are read often. Up to 1 TiB.
 */
#define CHUNK_SHIFT 21
#define CHUNKS      (1u << 19)
static uint8_t *chunks[CHUNKS];
static uint8_t none; /* what is no RAM through and through */

/* Legacy holes and firmware of a PC: QEMU, hw/i386/pc.c and hw/i386/x86-common.c. */
#define HOLE_BEGIN     0xa0000u
#define HOLE_END       0x100000u
#define FIRMWARE_BEGIN 0xff000000u
#define FOUR_GIB       0x100000000ull

static uint64_t plain(uint64_t address)
{
	return address & ~emulation_c_bit();
}

void memory_read(uint64_t address, void *to, size_t size)
{
	qemu.address_space_rw(qemu.address_space_memory, plain(address), 0, to, size, false);
}

void memory_write(uint64_t address, const void *from, size_t size)
{
	/* QEMU's function takes one pointer for both directions. */
	union {
		const void *from;
		void *buffer;
	} u = {.from = from};

	qemu.address_space_rw(qemu.address_space_memory, plain(address), 0, u.buffer, size, true);
}

static bool ask_io(uint64_t address)
{
	if (qemu.address_space_is_io)
		return qemu.address_space_is_io(qemu.address_space_memory, address);
	return qemu.cpu_physical_memory_is_io(address);
}

/* The host's address of one in RAM; NULL when it lies in no 2 MiB that are all RAM. */
static uint8_t *host(uint64_t address)
{
	uint64_t at = address >> CHUNK_SHIFT, base = at << CHUNK_SHIFT, length = 1u << CHUNK_SHIFT;
	uint8_t *chunk;

	if (at >= CHUNKS)
		return NULL;
	chunk = __atomic_load_n(&chunks[at], __ATOMIC_ACQUIRE);
	if (!chunk) {
		chunk = &none;
		/* QEMU would make a copy of what is no memory. RAM stays where it is. */
		if (!ask_io(base) && (base < FIRMWARE_BEGIN || base >= FOUR_GIB)) {
			void *ram = qemu.address_space_map(qemu.address_space_memory, base, &length,
			                                   false, 0);

			if (ram && length == 1u << CHUNK_SHIFT)
				chunk = ram;
		}
		__atomic_store_n(&chunks[at], chunk, __ATOMIC_RELEASE);
	}
	return chunk == &none ? NULL : chunk + (address - base);
}

bool memory_read_entry(void *context, uint64_t address, uint64_t *entry)
{
	const uint8_t *at = host(address);

	(void)context;
	if (at)
		memcpy(entry, at, sizeof(*entry));
	else
		memory_read(address, entry, sizeof(*entry));
	return true;
}

bool memory_read_bytes(void *context, uint64_t address, void *to, size_t size)
{
	(void)context;
	return qemu.address_space_rw(qemu.address_space_memory, plain(address), 0, to, size,
	                             false) == 0;
}

bool memory_is_io(uint64_t address)
{
	return !host(address) && ask_io(address);
}

bool memory_is_ram(uint64_t address)
{
	if (address >= HOLE_BEGIN && address < HOLE_END)
		return false;
	if (host(address))
		return true;
	return (address < FIRMWARE_BEGIN || address >= FOUR_GIB) && !ask_io(address);
}

void memory_alias(void)
{
	void *region = calloc(1, REGION_BYTES), *all = qemu.get_system_memory();
	bool locked = qemu.bql_locked();

	if (!region)
		abort();
	if (!locked)
		qemu.bql_lock_impl(__FILE__, __LINE__);
	qemu.memory_region_init_alias(region, NULL, "c-bit", all, 0, ALIAS_BYTES);
	qemu.memory_region_add_subregion(all, emulation_c_bit(), region);
	if (!locked)
		qemu.bql_unlock();
}
