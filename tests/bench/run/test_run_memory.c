/* SPDX-License-Identifier: MIT */
#include "bench/run/run_memory.h"
#include "harness/cpu.h"
#include "tests/cmocka.h"
#include "tests/skip.h"

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

/* A cell takes its size, and of hugetlb pages as many as hold it. */
static const struct kernel kernel = {.name = "memcpy", .flags = KERNEL_MEMORY};

static struct suite_cell cells[8];

static struct vm_spec plan(size_t count, uint64_t available, uint64_t memory)
{
	const struct suite suite = {.cells = cells, .count = count};
	struct vm_spec vm = {.memory = memory};

	run_memory_plan(&suite, available, &vm);
	return vm;
}

static void set(size_t i, uint64_t size, enum mem_pages pages)
{
	cells[i].cell = (struct cell){.kernel = &kernel, .size = size, .pages = pages};
}

static void test_the_largest_cell_fits(void **state)
{
	struct vm_spec vm;

	(void)state;
	set(0, 4096, MEM_4K);
	vm = plan(1, 64 * GIB, 0);
	assert_int_equal(vm.memory, GIB); /* a guest is never smaller */
	set(1, 2 * GIB, MEM_4K);
	set(2, GIB, MEM_THP);
	vm = plan(3, 64 * GIB, 0);
	assert_true(vm.memory >= 2 * GIB + 640 * MIB && vm.memory < 3 * GIB);
	assert_int_equal(vm.memory % (128 * MIB), 0);
	assert_int_equal(vm.huge_2m + vm.huge_1g, 0);
	assert_int_equal(plan(3, 0, 0).memory, vm.memory); /* what is free is not known */
}

/* Pools are beside the ordinary memory, not a part of it. */
static void test_pools_are_added(void **state)
{
	struct vm_spec vm;

	(void)state;
	set(0, GIB, MEM_4K);
	set(1, 64 * MIB, MEM_2M);
	set(2, 65 * MIB, MEM_2M);
	vm = plan(3, 64 * GIB, 0);
	assert_int_equal(vm.huge_2m, 33);
	assert_int_equal(vm.huge_1g, 0);
	assert_true(vm.memory >= GIB + 640 * MIB + 66 * MIB);
}

static void test_pages_of_1g_lie_above_4g(void **state)
{
	struct vm_spec vm;

	(void)state;
	if (!cpu_has(CPU_PDPE1GB))
		skip_because("this processor has no pages of 1 GiB");
	set(0, 4096, MEM_4K);
	set(1, 2 * GIB, MEM_1G);
	vm = plan(2, 64 * GIB, 0);
	assert_int_equal(vm.huge_1g, 2);
	assert_int_equal(vm.memory, 4 * GIB + 512 * MIB); /* 2 GiB are below 4 GiB */
	/* The small change of a footprint is no page. */
	set(1, 2 * GIB + 100 * MIB, MEM_1G);
	assert_int_equal(plan(2, 64 * GIB, 0).huge_1g, 2);
}

/* What does not fit is left out, the large pages first; the rest still has its memory. */
static void test_small_hosts(void **state)
{
	struct vm_spec vm;

	(void)state;
	set(0, 256 * MIB, MEM_4K);
	set(1, 8 * GIB, MEM_4K);
	set(2, 512 * MIB, MEM_2M);
	set(3, 2 * GIB, MEM_1G);
	vm = plan(4, 4 * GIB, 0);
	assert_true(vm.memory <= 4 * GIB - 512 * MIB);
	assert_true(vm.memory >= 256 * MIB + 640 * MIB + 512 * MIB);
	assert_int_equal(vm.huge_2m, 256);
	assert_int_equal(vm.huge_1g, 0);
	vm = plan(4, GIB, 0); /* vmrun refuses a guest that the host has no room for */
	assert_int_equal(vm.memory, GIB);
	assert_int_equal(vm.huge_2m, 0);
}

/* A size that was asked for stays, and the pools have to do with it. */
static void test_memory_that_was_asked_for(void **state)
{
	struct vm_spec vm;

	(void)state;
	set(0, 256 * MIB, MEM_4K);
	set(1, 128 * MIB, MEM_2M);
	set(2, GIB, MEM_2M);
	vm = plan(3, 64 * GIB, 1536 * MIB);
	assert_int_equal(vm.memory, 1536 * MIB);
	assert_int_equal(vm.huge_2m, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_the_largest_cell_fits),
	        cmocka_unit_test(test_pools_are_added),
	        cmocka_unit_test(test_pages_of_1g_lie_above_4g),
	        cmocka_unit_test(test_small_hosts),
	        cmocka_unit_test(test_memory_that_was_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
