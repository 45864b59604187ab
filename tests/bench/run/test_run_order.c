/* SPDX-License-Identifier: MIT */
#include "bench/run/run_order.h"
#include "tests/cmocka.h"

static bool is_large(const struct cell *cell)
{
	return cell->size > 100;
}

static const struct kernel plain = {.name = "memcpy"};
static const struct kernel touch = {.name = "touch", .early = is_large};

static void test_a_permutation(void **state)
{
	size_t order[100], again[100], seen[100] = {0}, moved = 0;

	(void)state;
	run_order(order, 100, 7);
	run_order(again, 100, 7);
	assert_memory_equal(order, again, sizeof(order));
	for (size_t i = 0; i < 100; i++) {
		seen[order[i]]++;
		moved += order[i] != i;
	}
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(seen[i], 1);
	assert_true(moved > 80);
	run_order(again, 100, 8);
	assert_memory_not_equal(order, again, sizeof(order));
}

/* Two cells of twenty want to be early; all of them stay random among their like. */
static void test_early_cells_come_first(void **state)
{
	struct suite_cell cells[20];
	const struct suite suite = {.cells = cells, .count = 20};
	size_t order[20], firsts[20] = {0};

	(void)state;
	for (size_t i = 0; i < 20; i++)
		cells[i].cell = (struct cell){.kernel = i % 2 ? &touch : &plain,
		                              .size = i % 7 == 5 ? 200 : 100};
	for (uint64_t seed = 0; seed < 60; seed++) {
		size_t seen[20] = {0};

		run_order_cells(&suite, seed, order);
		for (size_t i = 0; i < 20; i++) {
			const struct cell *cell = &cells[order[i]].cell;

			seen[order[i]]++;
			assert_int_equal(i < 2, cell->kernel == &touch && cell->size > 100);
		}
		for (size_t i = 0; i < 20; i++)
			assert_int_equal(seen[i], 1);
		firsts[order[0]]++;
	}
	assert_true(firsts[5] > 10 && firsts[19] > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_permutation),
	        cmocka_unit_test(test_early_cells_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
