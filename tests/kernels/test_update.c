/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/kernels/memory_cell.h"

extern const struct kernel kernel_update;

static void every_variant_updates(void **unused)
{
	(void)unused;
	memory_kernel_works(&kernel_update);
}

static void what_was_not_updated_shows(void **unused)
{
	(void)unused;
	for (int fill = 0; fill < MEM_FILL_COUNT; fill++) {
		struct cell cell = memory_cell(&kernel_update, "scalar", 4096, 1);

		cell.fill = (enum mem_fill)fill;
		memory_cell_idleness_shows(&cell);
	}
}

static void a_word_that_grew_too_much_shows(void **unused)
{
	struct cell cell = memory_cell(&kernel_update, "scalar", 8192, 2);
	void *state = memory_cell_open(&cell);
	struct err e = {""};
	uint64_t *words;

	(void)unused;
	memory_cell_run(&cell, state, 5);
	assert_int_equal(kernel_update.verify(state, &e), 0);
	words = *(void **)state; /* the state begins with its mapping */
	words[600]++;
	assert_int_equal(kernel_update.verify(state, &e), -EIO);
	assert_string_equal(e.text, "word 600 grew by 6 in 5 iterations");
	kernel_update.teardown(state);
}

static void a_thread_that_did_nothing_shows(void **unused)
{
	struct cell cell = memory_cell(&kernel_update, "scalar", 8192, 2);
	void *state = memory_cell_open(&cell);
	struct err e = {""};

	(void)unused;
	kernel_update.run(state, 0, 1);
	assert_int_equal(kernel_update.verify(state, &e), -EIO);
	assert_string_equal(e.text, "thread 1 has updated nothing");
	kernel_update.teardown(state);
}

static void what_is_updated_is_read_and_written(void **unused)
{
	struct cell cell = memory_cell(&kernel_update, "avx2", 4096, 1);
	struct traffic t;

	(void)unused;
	kernel_update.traffic(&cell, &t);
	assert_int_equal(t.read, 4096);
	assert_int_equal(t.written, 4096);
	assert_int_equal(t.allocate, 0);
	cell.size = 4095;
	memory_cell_is_refused(&cell, "size 4095");
}

static void the_code_is_what_the_names_promise(void **unused)
{
	static const struct promise promises[] = {
	        {"update_scalar", "^incq .*\\(%r", "[xyz]mm"},
	        {"update_line", "^incq .*\\(%r", "[xyz]mm|lock"},
	        {"update_line_lock", "^lock incq .*\\(%r", "[xyz]mm"},
	        {"update_sse2", "^mov[a-z]+ +%xmm[0-9]+,.*\\(%r", "[yz]mm|^v"},
	        {"update_avx2", "^vmov[a-z0-9]+ +%ymm[0-9]+,.*\\(%r", "zmm"},
	        {"update_avx512", "^vmov[a-z0-9]+ +%zmm[0-9]+,.*\\(%r", "ymm"},
	};

	(void)unused;
	assert_int_equal(sizeof(promises) / sizeof(promises[0]), kernel_update.variant_count);
	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++)
		promise_holds(&promises[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_variant_updates),
	        cmocka_unit_test(what_was_not_updated_shows),
	        cmocka_unit_test(a_word_that_grew_too_much_shows),
	        cmocka_unit_test(a_thread_that_did_nothing_shows),
	        cmocka_unit_test(what_is_updated_is_read_and_written),
	        cmocka_unit_test(the_code_is_what_the_names_promise),
	};

	return cmocka_run_group_tests_name("update", tests, NULL, NULL);
}
