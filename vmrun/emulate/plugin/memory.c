/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/qemu.h"

/* An alias has to end before the next bit: 2^46 bytes, all that QEMU's address spaces are used for.
 */
#define ALIAS_BYTES (1ull << 46)
/* A MemoryRegion is opaque; it takes 272 bytes in QEMU 11. */
#define REGION_BYTES 4096u

/* Legacy holes and firmware of a PC: QEMU, hw/i386/pc.c and hw/i386/x86-common.c. */
#define HOLE_BEGIN     0xa0000u
#define HOLE_END       0x100000u
#define FIRMWARE_BEGIN 0xff000000u
#define FOUR_GIB       0x100000000ull

/* RAM comes in units of it. */
#define STEP 0x100000u

/* RAM, and the guest's own view of it in QEMU's address space. */
struct ram {
	uint64_t from, to;
	uint8_t *own;
	const char *name;
};

/* Below the hole, up to PCI's addresses, and above 4 GiB. */
static struct ram rams[] = {
        {0, HOLE_BEGIN, NULL, "c-bit-low"},
        {HOLE_END, HOLE_END, NULL, "c-bit-below-4g"},
        {FOUR_GIB, FOUR_GIB, NULL, "c-bit-above-4g"},
};
#define RAMS (sizeof(rams) / sizeof(*rams))

static uint64_t plain(uint64_t address)
{
	return address & ~emulation_c_bit();
}

static bool rw(uint64_t address, void *buffer, size_t size, bool write)
{
	return qemu.address_space_rw(qemu.address_space_memory, address, 0, buffer, size, write) ==
	       0;
}

/* QEMU's function takes one pointer for both directions. */
static void *to_write(const void *from)
{
	union {
		const void *from;
		void *buffer;
	} u = {.from = from};

	return u.buffer;
}

void memory_read(uint64_t address, void *to, size_t size)
{
	if (!rw(plain(address), to, size, false))
		memset(to, 0, size);
}

void memory_write(uint64_t address, const void *from, size_t size)
{
	rw(plain(address), to_write(from), size, true);
}

void memory_read_private(uint64_t address, void *to, size_t size)
{
	if (!rw(address | emulation_c_bit(), to, size, false))
		memset(to, 0, size);
}

void memory_write_private(uint64_t address, const void *from, size_t size)
{
	rw(address | emulation_c_bit(), to_write(from), size, true);
}

static bool ask_io(uint64_t address)
{
	if (qemu.address_space_is_io)
		return qemu.address_space_is_io(qemu.address_space_memory, address);
	return qemu.cpu_physical_memory_is_io(address);
}

static const struct ram *find(uint64_t address)
{
	for (unsigned i = 0; i < RAMS; i++)
		if (address >= rams[i].from && address < rams[i].to)
			return &rams[i];
	return NULL;
}

bool memory_read_entry(void *context, uint64_t address, uint64_t *entry)
{
	const struct ram *ram = find(address);

	(void)context;
	if (ram)
		memcpy(entry, ram->own + (address - ram->from), sizeof(*entry));
	else if (ask_io(address))
		return false;
	else
		memory_read(address, entry, sizeof(*entry));
	return true;
}

bool memory_read_bytes(void *context, uint64_t address, void *to, size_t size)
{
	(void)context;
	return rw(plain(address), to, size, false);
}

bool memory_is_io(uint64_t address)
{
	return !find(address) && ask_io(address);
}

bool memory_is_ram(uint64_t address)
{
	return find(address);
}

bool memory_are_ram(uint64_t address, uint64_t size)
{
	const struct ram *ram = find(address);

	return ram && size <= ram->to - address;
}

uint64_t memory_end(void)
{
	const struct ram *above = &rams[RAMS - 1];

	return above->to > above->from ? above->to : FOUR_GIB;
}

/* As far as there is RAM without a gap. */
static void find_end(struct ram *ram, uint64_t most)
{
	while (ram->to < most && !ask_io(ram->to))
		ram->to += STEP;
}

static void *new_region(void)
{
	void *region = calloc(1, REGION_BYTES);

	if (!region)
		abort();
	return region;
}

/* Other memory where the alias would show the same. */
static bool open_own(struct ram *ram, void *all)
{
	uint64_t size = ram->to - ram->from;
	void *region, *own;

	if (size == 0)
		return true;
	own = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
	           -1, 0);
	if (own == MAP_FAILED)
		return false;
	ram->own = own;
	region = new_region();
	qemu.memory_region_init_ram_ptr(region, NULL, ram->name, size, own);
	qemu.memory_region_add_subregion_overlap(all, emulation_c_bit() + ram->from, region, 1);
	return true;
}

bool memory_open(void)
{
	void *alias = new_region(), *all = qemu.get_system_memory();
	bool locked = qemu.bql_locked(), done = true;

	if (!locked)
		qemu.bql_lock_impl(__FILE__, __LINE__);
	find_end(&rams[1], FIRMWARE_BEGIN);
	find_end(&rams[2], EMULATION_ADDRESSES);
	/* Devices and firmware are the same, whatever the C-bit. */
	qemu.memory_region_init_alias(alias, NULL, "c-bit", all, 0, ALIAS_BYTES);
	qemu.memory_region_add_subregion(all, emulation_c_bit(), alias);
	for (unsigned i = 0; i < RAMS && done; i++)
		done = open_own(&rams[i], all);
	if (!locked)
		qemu.bql_unlock();
	return done;
}
