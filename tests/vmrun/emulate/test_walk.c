/* SPDX-License-Identifier: MIT */
#include "vmrun/emulate/walk.h"

#include "tests/cmocka.h"

#define C_BIT   51
#define C       (1ull << C_BIT)
#define PRESENT 1ull
#define WRITE   2ull
#define USER    4ull
#define LARGE   0x80ull
#define NX      (1ull << 63)

/* Memory of 16 pages, all that these walks read. */
static uint64_t memory[16][512];

static bool read_memory(void *context, uint64_t address, uint64_t *entry)
{
	(void)context;
	if (address >= sizeof(memory))
		return false;
	*entry = memory[address >> 12][address >> 3 & 511];
	return true;
}

static struct walk four_levels(void)
{
	return (struct walk){.read = read_memory, .cr3 = 0x1000 | C, .levels = 4, .c_bit = C_BIT};
}

static int setup(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	memory[1][1] = 0x2000 | C | PRESENT | WRITE | USER;
	memory[2][2] = 0x3000 | C | PRESENT | WRITE | USER;
	memory[3][3] = 0x4000 | C | PRESENT | WRITE | USER;
	memory[4][4] = 0x123456000 | C | PRESENT | WRITE | USER;
	memory[4][5] = 0xfee00000 | PRESENT | NX;
	memory[3][6] = 0x40000000 | C | PRESENT | WRITE | LARGE;
	memory[2][7] = 0x80000000 | PRESENT | LARGE;
	return 0;
}

static uint64_t va(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	return a << 39 | b << 30 | c << 21 | d << 12;
}

static void finds_small_pages_and_the_c_bit(void **state)
{
	struct walk walk = four_levels();
	struct walk_page page;

	(void)state;
	assert_true(walk_va(&walk, va(1, 2, 3, 4) | 0x789, &page));
	assert_int_equal(page.address, 0x123456789);
	assert_int_equal(page.size, 4096);
	assert_true(page.encrypted && page.writable && page.user && page.executable);
	assert_true(walk_va(&walk, va(1, 2, 3, 5), &page));
	assert_int_equal(page.address, 0xfee00000);
	assert_false(page.encrypted || page.writable || page.user || page.executable);
}

static void finds_large_pages(void **state)
{
	struct walk walk = four_levels();
	struct walk_page page;

	(void)state;
	assert_true(walk_va(&walk, va(1, 2, 6, 9) | 5, &page));
	assert_int_equal(page.address, 0x40000000 + 9 * 4096 + 5);
	assert_int_equal(page.size, 0x200000);
	assert_true(page.encrypted);
	assert_false(page.user);
	assert_true(walk_va(&walk, va(1, 7, 1, 1), &page));
	assert_int_equal(page.address, 0x80000000 + 0x200000 + 0x1000);
	assert_int_equal(page.size, 0x40000000);
	assert_false(page.encrypted);
}

static void says_what_is_not_mapped(void **state)
{
	struct walk walk = four_levels();
	struct walk_page page;

	(void)state;
	assert_false(walk_va(&walk, va(1, 2, 3, 7), &page));
	assert_false(walk_va(&walk, 0, &page));
	memory[1][1] = 0x7000000 | PRESENT; /* a table where there is no memory */
	assert_false(walk_va(&walk, va(1, 2, 3, 4), &page));
}

static void walks_five_levels(void **state)
{
	struct walk walk = four_levels();
	struct walk_page page;

	(void)state;
	memory[5][1] = 0x1000 | PRESENT | WRITE | USER;
	walk.cr3 = 0x5000;
	walk.levels = 5;
	assert_true(walk_va(&walk, 1ull << 48 | va(1, 2, 3, 4), &page));
	assert_int_equal(page.address, 0x123456000);
	assert_false(walk_va(&walk, va(1, 2, 3, 4), &page));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(finds_small_pages_and_the_c_bit, setup),
	        cmocka_unit_test_setup(finds_large_pages, setup),
	        cmocka_unit_test_setup(says_what_is_not_mapped, setup),
	        cmocka_unit_test_setup(walks_five_levels, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
