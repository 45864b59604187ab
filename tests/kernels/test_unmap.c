/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The state is the kernel's own: the tests look into it. */
#include "kernels/unmap.c" /* NOLINT(bugprone-suspicious-include) */
#include "tests/kernels/memory_cell.h"

static void every_page_is_taken(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_unmap.variant_count; i++) {
		struct cell cell = memory_cell(&kernel_unmap, variants[i].name, 64 << 10, 1);
		struct state *s = memory_cell_open(&cell);
		struct err e = {""};

		assert_int_equal(unmap_capacity(s), 16);
		for (unsigned page = 0; page < 16; page++)
			unmap_run(s, 0, 1);
		if (unmap_verify(s, &e))
			fail_msg("%s: %s", variants[i].name, e.text);
		assert_ptr_equal(s->next, s->base + s->mapped - 4096);
		unmap_teardown(s);
	}
}

static void a_page_that_stayed_shows(void **unused)
{
	static const char *const names[] = {"munmap", "dontneed"};

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		struct cell cell = memory_cell(&kernel_unmap, names[i], 64 << 10, 1);
		struct state *s = memory_cell_open(&cell);
		struct err e = {""};

		assert_int_equal(unmap_verify(s, &e), -EIO);
		assert_string_equal(e.text, "no page was taken");
		unmap_run(s, 0, 2);
		s->next += 4096;
		assert_int_equal(unmap_verify(s, &e), -EIO);
		assert_string_equal(e.text, "page 2 is still there");
		unmap_teardown(s);
	}
}

static void what_cannot_be_done_is_refused(void **unused)
{
	struct cell cell = memory_cell(&kernel_unmap, "munmap", 5000, 1);
	struct setup setup = memory_setup(&cell);

	(void)unused;
	memory_cell_is_refused(&cell, "size 5000 is not a multiple of 4096");
	cell.size = 4096;
	assert_int_equal(unmap_probe(&setup, NULL), 0);
	cell.pages = MEM_THP;
	assert_int_equal(unmap_probe(&setup, NULL), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_page_is_taken),
	        cmocka_unit_test(a_page_that_stayed_shows),
	        cmocka_unit_test(what_cannot_be_done_is_refused),
	};

	return cmocka_run_group_tests_name("unmap", tests, NULL, NULL);
}
