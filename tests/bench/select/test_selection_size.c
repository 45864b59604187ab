/* SPDX-License-Identifier: MIT */
#include "bench/select/selection_size.h"

#include <errno.h>

#include "tests/cmocka.h"

static int check(const struct cell *cell, struct err *e)
{
	return cell->size % 64 ? err_set(e, EINVAL, "the size is no multiple of 64") : 0;
}

static int whole_pages(const struct cell *cell, struct err *e)
{
	return cell->size % mem_page_bytes(cell->pages) ? err_set(e, EINVAL, "no whole pages") : 0;
}

static const struct kernel memory = {.name = "memcpy", .flags = KERNEL_MEMORY, .check = check};
static const struct kernel pages_only = {
        .name = "touch", .flags = KERNEL_MEMORY, .check = whole_pages};

/* One cell alone, with the least that its kernel takes. */
static void test_sizes_are_rounded_for_the_kernel(void **state)
{
	static const uint64_t mib = 1 << 20;
	struct err e = {""};
	struct cell cell = {.kernel = &pages_only, .threads = 3, .pages = MEM_2M};

	(void)state;
	assert_int_equal(selection_size_round(&cell, 1, &e), 0);
	assert_int_equal(cell.size, 6 * mib);
	assert_int_equal(selection_size_round(&cell, 6 * mib + 1, &e), 0);
	assert_int_equal(cell.size, 12 * mib);
	cell.kernel = &memory;
	assert_int_equal(selection_size_round(&cell, 4 * mib + 1, &e), 0);
	assert_int_equal(cell.size, 4 * mib + 8192);
	assert_int_equal(cell.size % 3, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_sizes_are_rounded_for_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
