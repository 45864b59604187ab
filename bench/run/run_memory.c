/* SPDX-License-Identifier: MIT */
#include "bench/run/run_memory.h"

#include "harness/cpu.h"

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

/* What a guest's Linux, its page tables and the initramfs need beside the cells' own memory. */
#define GUEST_SLACK (640 * MIB)
#define GUEST_LEAST GIB
#define GUEST_STEP  (128 * MIB)

/* What the host keeps: QEMU itself, and whatever else runs. */
#define HOST_SLACK (512 * MIB)

/*
 * QEMU's q35 puts 2 GiB of a large guest's memory below 4 GiB, and the rest behind. Pages of 1 GiB
 * come from the rest: below, Linux and the initramfs lie in the middle of them, and at the very end
 * what Linux allocates before them.
 */
#define GUEST_ENDS (2 * GIB + 512 * MIB)

static uint64_t up(uint64_t bytes, uint64_t step)
{
	return (bytes + step - 1) / step * step;
}

/* A guest for cells of `ordinary` bytes, with pools of huge pages beside them. */
static uint64_t guest_memory(uint64_t ordinary, uint64_t pages_2m, uint64_t pages_1g)
{
	uint64_t memory = ordinary + ordinary / 16 + GUEST_SLACK + pages_2m * 2 * MIB;

	if (pages_1g)
		memory = (memory > GUEST_ENDS ? memory : GUEST_ENDS) + pages_1g * GIB;
	memory = up(memory, GUEST_STEP);
	return memory > GUEST_LEAST ? memory : GUEST_LEAST;
}

/*
 * Hugetlb pages of a cell. Its footprint may hold some memory on ordinary pages too: a page of
 * 2 MiB more does no harm, one of 1 GiB would.
 */
static uint64_t pool_pages(const struct cell *cell)
{
	uint64_t bytes = cell_footprint(cell), page = mem_page_bytes(cell->pages);

	return cell->pages == MEM_1G ? bytes / page : up(bytes, page) / page;
}

/* The most that a cell on `pages` wants, of what fits: `want` is of the cell, `fits` of a want. */
static uint64_t most(const struct suite *suite, bool (*takes)(const struct cell *),
                     uint64_t (*want)(const struct cell *), uint64_t room, uint64_t unit)
{
	uint64_t found = 0;

	for (size_t i = 0; i < suite->count; i++) {
		const struct cell *cell = &suite->cells[i].cell;
		uint64_t wanted = takes(cell) ? want(cell) : 0;

		if (wanted > found && wanted <= room / unit)
			found = wanted;
	}
	return found;
}

static bool is_ordinary(const struct cell *cell)
{
	return !mem_pooled(cell->pages);
}

static bool is_2m(const struct cell *cell)
{
	return cell->pages == MEM_2M;
}

static bool is_1g(const struct cell *cell)
{
	return cell->pages == MEM_1G;
}

static uint64_t room_for(uint64_t limit, uint64_t memory)
{
	return limit > memory ? limit - memory : 0;
}

/* With the host's own processor as the model, the guest has what the host has. */
static bool may_have_1g(const struct vm_spec *vm)
{
	return vm->cpu_model || vm->accel == ACCEL_TCG || cpu_has(CPU_PDPE1GB);
}

void run_memory_plan(const struct suite *suite, uint64_t available, struct vm_spec *vm)
{
	uint64_t limit = vm->memory, ordinary, pages_2m, pages_1g = 0;

	if (!limit)
		limit = available ? room_for(available, HOST_SLACK) / GUEST_STEP * GUEST_STEP
		                  : UINT64_MAX / 2;
	ordinary =
	        most(suite, is_ordinary, cell_footprint, room_for(limit, GUEST_SLACK) / 17 * 16, 1);
	pages_2m = most(suite, is_2m, pool_pages, room_for(limit, guest_memory(ordinary, 0, 0)),
	                2 * MIB);
	if (may_have_1g(vm))
		pages_1g = most(suite, is_1g, pool_pages,
		                room_for(limit, guest_memory(ordinary, pages_2m, 1) - GIB), GIB);
	vm->huge_2m = (unsigned)pages_2m;
	vm->huge_1g = (unsigned)pages_1g;
	if (!vm->memory)
		vm->memory = guest_memory(ordinary, pages_2m, pages_1g);
}
