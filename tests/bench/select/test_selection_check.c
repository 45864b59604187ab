/* SPDX-License-Identifier: MIT */
#include "bench/select/selection_check.h"

#include <errno.h>

#include "tests/cmocka.h"

static const struct kernel memory = {.name = "memcpy", .flags = KERNEL_MEMORY};
static const struct variant libc = {.name = "libc"};

static void test_memory_is_checked_before(void **state)
{
	const struct cell cells[] = {
	        {.kernel = &memory, .variant = &libc, .size = 1 << 20, .threads = 1},
	        {.kernel = &memory, .variant = &libc, .size = 1 << 30, .threads = 1}};
	struct err e = {""};

	(void)state;
	assert_int_equal(selection_check_memory(cells, 2, 2ULL << 30, "here", &e), 0);
	assert_int_equal(selection_check_memory(cells, 2, 512ULL << 20, "the guest", &e), -EINVAL);
	assert_says(e, "1G");
	assert_says(e, "the guest has 512M free");
}

/* What is not known refuses nothing, and a pool is no ordinary memory. */
static void test_what_is_not_checked(void **state)
{
	const struct cell cell = {
	        .kernel = &memory, .variant = &libc, .size = 1 << 30, .threads = 1};
	struct cell pooled = cell;
	struct err e = {""};

	(void)state;
	assert_int_equal(selection_check_memory(&cell, 1, 0, "here", &e), 0);
	pooled.pages = MEM_2M;
	assert_int_equal(selection_check_memory(&pooled, 1, 512ULL << 20, "here", &e), 0);
	assert_int_equal(selection_check_pools(&cell, 1, -1, &e), 0);
}

static void test_pools_are_checked_before(void **state)
{
	const struct cell cell = {.kernel = &memory,
	                          .variant = &libc,
	                          .size = 64ULL << 40,
	                          .threads = 1,
	                          .pages = MEM_2M};
	struct err e = {""};

	(void)state;
	assert_int_equal(selection_check_pools(&cell, 1, -1, &e), -ENOTSUP);
	assert_says(e, "memcpy/libc");
	assert_says(e, "huge pages of 2 MiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_memory_is_checked_before),
	        cmocka_unit_test(test_what_is_not_checked),
	        cmocka_unit_test(test_pools_are_checked_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
