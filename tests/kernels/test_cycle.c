/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness/mem_random.h"
#include "kernels/cycle.h"
#include "tests/kernels/memory_cell.h"

#define NODES 333 /* no multiple of a page's lines */

static struct cycle new_cycle(uint64_t stride, bool rotate)
{
	struct cycle cycle = {.nodes = NODES, .stride = stride, .rotate = rotate};

	cycle.base = aligned_alloc(CYCLE_PAGE,
	                           (NODES * stride + CYCLE_PAGE - 1) / CYCLE_PAGE * CYCLE_PAGE);
	assert_non_null(cycle.base);
	return cycle;
}

static struct cycle_node *link_from(const struct cycle *cycle, enum cycle_order order)
{
	struct mem_random random;
	struct cycle_node *start = NULL;

	mem_random_seed(&random, 11);
	assert_int_equal(cycle_link(cycle, order, &random, &start, 1, NULL), 0);
	assert_non_null(start);
	return start;
}

/* Walk as a user would: every line exactly once. */
static void has_every_line_once(const struct cycle *cycle, const struct cycle_node *start)
{
	unsigned char seen[NODES] = {0};
	const struct cycle_node *node = start;

	for (uint64_t i = 0; i < NODES; i++, node = node->next) {
		uint64_t index = (uint64_t)((const char *)node - cycle->base) / cycle->stride;

		assert_true(index < NODES);
		assert_int_equal(seen[index], 0);
		assert_ptr_equal(cycle_node(cycle, index), node);
		assert_int_equal(node->rank, i);
		seen[index] = 1;
	}
	assert_ptr_equal(node, start);
}

static void every_order_is_one_cycle(void **unused)
{
	static const uint64_t strides[] = {64, 192, 4096, 8192};

	(void)unused;
	for (unsigned order = CYCLE_RANDOM; order <= CYCLE_LINEAR; order++) {
		for (size_t i = 0; i < 4; i++) {
			struct cycle cycle = new_cycle(strides[i], i % 2 == 1);

			has_every_line_once(&cycle, link_from(&cycle, (enum cycle_order)order));
			assert_int_equal(cycle_verify(&cycle, NULL), 0);
			free(cycle.base);
		}
	}
}

static void linear_is_in_order_and_random_is_not(void **unused)
{
	struct cycle cycle = new_cycle(64, false);
	unsigned neighbours = 0;

	(void)unused;
	link_from(&cycle, CYCLE_LINEAR);
	for (uint64_t i = 0; i < NODES; i++)
		assert_int_equal(cycle_node(&cycle, i)->rank, i);
	link_from(&cycle, CYCLE_RANDOM);
	for (uint64_t i = 0; i + 1 < NODES; i++)
		neighbours += cycle_node(&cycle, i)->next == cycle_node(&cycle, i + 1);
	assert_true(neighbours < NODES / 10);
	free(cycle.base);
}

static void page_local_finishes_a_page_before_the_next(void **unused)
{
	struct cycle cycle = new_cycle(64, false);
	unsigned changes = 0;

	(void)unused;
	link_from(&cycle, CYCLE_PAGE_LOCAL);
	for (uint64_t i = 0; i < NODES; i++) {
		const struct cycle_node *node = cycle_node(&cycle, i);

		changes += (uintptr_t)node / CYCLE_PAGE != (uintptr_t)node->next / CYCLE_PAGE;
	}
	assert_int_equal(changes, 6); /* pages that 333 lines lie in, the last one in part */
	free(cycle.base);
}

static void rotation_uses_every_line_of_a_page(void **unused)
{
	struct cycle cycle = new_cycle(4096, true);
	unsigned lines[64] = {0};

	(void)unused;
	for (uint64_t i = 0; i < NODES; i++)
		lines[(uintptr_t)cycle_node(&cycle, i) % CYCLE_PAGE / CYCLE_LINE]++;
	for (unsigned i = 0; i < 64; i++)
		assert_in_range(lines[i], 5, 6);
	free(cycle.base);
}

static void starts_are_at_equal_distances(void **unused)
{
	struct cycle cycle = new_cycle(64, false);
	struct cycle_node *start[4];
	struct mem_random random;

	(void)unused;
	mem_random_seed(&random, 1);
	assert_int_equal(cycle_link(&cycle, CYCLE_RANDOM, &random, start, 4, NULL), 0);
	for (unsigned k = 0; k < 4; k++)
		assert_int_equal(start[k]->rank, k * NODES / 4);
	free(cycle.base);
}

static void seeds_differ_and_repeat(void **unused)
{
	struct cycle cycle = new_cycle(64, false);
	struct cycle_node *start;
	struct mem_random random;
	uint64_t rank[3];

	(void)unused;
	for (unsigned i = 0; i < 3; i++) {
		mem_random_seed(&random, i == 2 ? 1 : i);
		assert_int_equal(cycle_link(&cycle, CYCLE_RANDOM, &random, &start, 1, NULL), 0);
		rank[i] = cycle_node(&cycle, 0)->rank * NODES + cycle_node(&cycle, 1)->rank;
	}
	assert_int_not_equal(rank[0], rank[1]);
	assert_int_equal(rank[1], rank[2]);
	free(cycle.base);
}

static void walks_go_as_far_as_told(void **unused)
{
	struct cycle cycle = new_cycle(64, false);
	struct cycle_node *at = link_from(&cycle, CYCLE_RANDOM);

	(void)unused;
	cycle_walk(&at, 0);
	assert_int_equal(at->rank, 0);
	cycle_walk(&at, 100);
	assert_int_equal(at->rank, 100);
	cycle_walk(&at, 2 * NODES + 1);
	assert_int_equal(at->rank, 101);
	free(cycle.base);
}

static void a_wrong_line_shows(void **unused)
{
	struct cycle cycle = new_cycle(64, false);
	struct err e = {""};

	(void)unused;
	link_from(&cycle, CYCLE_RANDOM);
	cycle_node(&cycle, 5)->next = cycle_node(&cycle, 5);
	assert_int_equal(cycle_verify(&cycle, &e), -EIO);
	assert_string_equal(e.text, "line 5 of the cycle leads astray");
	free(cycle.base);
}

static void a_step_is_one_dependent_load(void **unused)
{
	const struct promise promise = {"cycle_walk", "^mov +\\(%(r..?)\\),%\\1", "[xyz]mm"};

	(void)unused;
	promise_holds(&promise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_order_is_one_cycle),
	        cmocka_unit_test(linear_is_in_order_and_random_is_not),
	        cmocka_unit_test(page_local_finishes_a_page_before_the_next),
	        cmocka_unit_test(rotation_uses_every_line_of_a_page),
	        cmocka_unit_test(starts_are_at_equal_distances),
	        cmocka_unit_test(seeds_differ_and_repeat),
	        cmocka_unit_test(walks_go_as_far_as_told),
	        cmocka_unit_test(a_wrong_line_shows),
	        cmocka_unit_test(a_step_is_one_dependent_load),
	};

	return cmocka_run_group_tests_name("cycle", tests, NULL, NULL);
}
