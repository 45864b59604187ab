/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The state is the kernel's own: the tests look into it. */
#include "kernels/tlb.c" /* NOLINT(bugprone-suspicious-include) */
#include "tests/kernels/memory_cell.h"

static void both_layouts_have_a_line_for_each_page(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_tlb.variant_count; i++) {
		struct cell cell = memory_cell(&kernel_tlb, variants[i].name, 100 * 4096UL, 1);
		struct state *s = memory_cell_open(&cell);

		assert_int_equal(s->cycle.nodes, 100);
		assert_int_equal(cycle_verify(&s->cycle, NULL), 0);
		tlb_teardown(s);
		memory_cell_works(&cell, 12345);
	}
}

static void pages_are_apart_and_packed_lines_together(void **unused)
{
	struct cell cell = memory_cell(&kernel_tlb, "pages", 64 * 4096UL, 1);
	struct state *s = memory_cell_open(&cell);
	const struct cycle_node *at;

	(void)unused;
	for (uint64_t i = 0; i < 64; i++)
		assert_int_equal(
		        ((uintptr_t)cycle_node(&s->cycle, i) - (uintptr_t)s->cycle.base) / 4096, i);
	tlb_teardown(s);
	cell.variant = kernel_variant(&kernel_tlb, "packed");
	s = memory_cell_open(&cell);
	at = s->at;
	for (unsigned i = 0; i < 64; i++, at = at->next)
		assert_true((uintptr_t)at - (uintptr_t)s->cycle.base < 4096);
	tlb_teardown(s);
}

static void a_wrong_walk_shows(void **unused)
{
	struct cell cell = memory_cell(&kernel_tlb, "pages", 64 * 4096UL, 1);
	struct state *s = memory_cell_open(&cell);
	struct err e = {""};

	(void)unused;
	tlb_run(s, 0, 100);
	s->at = s->at->next;
	assert_int_equal(tlb_verify(s, &e), -EIO);
	assert_string_equal(e.text, "100 steps ended at page 37");
	tlb_teardown(s);
}

static void parts_of_pages_are_refused(void **unused)
{
	struct cell cell = memory_cell(&kernel_tlb, "pages", 5000, 1);

	(void)unused;
	memory_cell_is_refused(&cell, "size 5000 is not a multiple of 4096 bytes, at least two");
	cell.size = 4096;
	memory_cell_is_refused(&cell, "size 4096");
	cell.size = 1ULL << 45;
	memory_cell_is_refused(&cell, "more than 4294967295 pages");
}

static void footprint_holds_the_size_and_the_links(void **unused)
{
	struct cell cell = memory_cell(&kernel_tlb, "pages", 1 << 20, 1);

	(void)unused;
	assert_int_equal(kernel_tlb.footprint(&cell), (1 << 20) + 256 * 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(both_layouts_have_a_line_for_each_page),
	        cmocka_unit_test(pages_are_apart_and_packed_lines_together),
	        cmocka_unit_test(a_wrong_walk_shows),
	        cmocka_unit_test(parts_of_pages_are_refused),
	        cmocka_unit_test(footprint_holds_the_size_and_the_links),
	};

	return cmocka_run_group_tests_name("tlb", tests, NULL, NULL);
}
