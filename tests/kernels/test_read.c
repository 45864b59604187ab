/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/kernels/memory_cell.h"

extern const struct kernel kernel_read;

static void every_variant_reads(void **unused)
{
	(void)unused;
	memory_kernel_works(&kernel_read);
}

static void what_was_not_read_shows(void **unused)
{
	struct cell cell = memory_cell(&kernel_read, "scalar", 4096, 1);

	(void)unused;
	memory_cell_idleness_shows(&cell);
}

/*
 * The words of one thread's part must all be in its sum: change one between two iterations. Which
 * lines come in random order is not known here, and what only loads keeps the last ones: one after
 * the other is changed until it shows.
 */
static void a_word_that_was_missed_shows(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_read.variant_count; i++) {
		struct cell cell = memory_cell(&kernel_read, kernel_read.variants[i].name, 8192, 1);
		struct err e = {""};
		uint64_t *found;
		void *state;

		if (!memory_cell_can_run(&cell))
			continue;
		state = memory_cell_open(&cell);
		kernel_read.run(state, 0, 1);
		/* The array is what the state begins with: its first mapping, and there its first
		 * word. */
		found = *(void **)state;
		do {
			*found ^= 1;
			kernel_read.run(state, 0, 1);
			found += 8;
		} while (!kernel_read.verify(state, &e) && (strstr(cell.variant->name, "random") ||
		                                            strstr(cell.variant->name, "_load")));
		assert_int_equal(kernel_read.verify(state, &e), -EIO);
		assert_string_equal(e.text, "the words that thread 0 has read do not add up");
		kernel_read.teardown(state);
	}
}

static void misaligned_reads_work_or_are_skipped(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_read.variant_count; i++) {
		const char *name = kernel_read.variants[i].name;
		struct cell cell = memory_cell(&kernel_read, name, 4608, 1);
		struct setup setup = memory_setup(&cell);
		struct err e = {""};

		memory_cell_axis(&cell, "src_offset", 13);
		if (strcmp(name, "sse41_nt") == 0 || strcmp(name, "avx2_nt") == 0) {
			assert_int_equal(kernel_read.probe(&setup, &e), -ENOTSUP);
			assert_non_null(strstr(e.text, "src_offset is 13"));
		} else if (memory_cell_can_run(&cell)) {
			memory_cell_works(&cell, 2);
		}
	}
}

static void only_what_is_read_counts(void **unused)
{
	struct cell cell = memory_cell(&kernel_read, "avx2", 4096, 1);
	struct traffic t;

	(void)unused;
	kernel_read.traffic(&cell, &t);
	assert_int_equal(t.read, 4096);
	assert_int_equal(t.written, 0);
	assert_int_equal(t.allocate, 0);
	cell.variant = kernel_variant(&kernel_read, "line");
	kernel_read.traffic(&cell, &t);
	assert_int_equal(t.read, 512);
	cell.variant = kernel_variant(&kernel_read, "page");
	cell.size = 3 * 4096 + 512;
	kernel_read.traffic(&cell, &t);
	assert_int_equal(t.read, 4 * 8); /* the last page is not whole, but has a beginning */
	cell.threads = 5;
	kernel_read.traffic(&cell, &t);
	assert_int_equal(t.read, 5 * 8);
}

static void odd_sizes_are_refused(void **unused)
{
	struct cell cell = memory_cell(&kernel_read, "avx2", 4096 + 64, 1);

	(void)unused;
	memory_cell_is_refused(&cell, "size 4160 is not a multiple of 512 bytes");
}

static void the_code_is_what_the_names_promise(void **unused)
{
	static const struct promise promises[] = {
	        {"read_scalar", "^xor +.*\\(%r..?.*\\),%r", "[xyz]mm"},
	        {"read_line", "^xor +.*\\(%r..?.*\\),%r", "[xyz]mm"},
	        {"read_sse2", "^mov[a-z]+ +.*\\(%r..?.*\\),%xmm", "[yz]mm|^v|movnt"},
	        {"read_sse41_nt", "^movntdqa .*\\(%r..?.*\\),%xmm", "[yz]mm|^v"},
	        {"read_avx2", "^vp?xor[a-z]* .*\\(%r..?.*\\),%ymm", "zmm|movnt|prefetch"},
	        {"read_avx2_load", "^vmov[a-z0-9]+ .*\\(%r..?.*\\),%ymm", "zmm|movnt|prefetch"},
	        {"read_avx2_t0", "^prefetcht0", "zmm|movnt"},
	        {"read_avx2_nta", "^prefetchnta", "zmm|movnt"},
	        {"read_avx2_nt", "^vmovntdqa .*\\(%r..?.*\\),%ymm", "zmm"},
	        {"read_avx2_back", "^vp?xor[a-z]* .*\\(%r..?.*\\),%ymm", "zmm|movnt|prefetch"},
	        {"read_avx2_pages", "^vp?xor[a-z]* .*\\(%r..?.*\\),%ymm", "zmm|movnt|prefetch"},
	        {"read_avx512", "^vpternlog[dq] .*\\(%r..?.*\\),%zmm", "movnt|prefetch"},
	        {"read_avx512_load", "^vmov[a-z0-9]+ .*\\(%r..?.*\\),%zmm", "movnt|prefetch"},
	        {"read_avx512_pages", "^vpternlog[dq] .*\\(%r..?.*\\),%zmm", "movnt|prefetch"},
	        {"read_page", "^xor +.*\\(%r..?.*\\),%r", "[xyz]mm"},
	        {"read_random", "^v?(pxor|movdqu|movups) +.*\\(%r..?.*\\),%xmm",
	         "[yz]mm|movnt|prefetch"},
	        {"read_avx512_t0", "^prefetcht0", "movnt"},
	        {"read_avx512_nta", "^prefetchnta", "movnt"},
	};

	(void)unused;
	assert_int_equal(sizeof(promises) / sizeof(promises[0]), kernel_read.variant_count);
	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++)
		promise_holds(&promises[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_variant_reads),
	        cmocka_unit_test(what_was_not_read_shows),
	        cmocka_unit_test(a_word_that_was_missed_shows),
	        cmocka_unit_test(misaligned_reads_work_or_are_skipped),
	        cmocka_unit_test(only_what_is_read_counts),
	        cmocka_unit_test(odd_sizes_are_refused),
	        cmocka_unit_test(the_code_is_what_the_names_promise),
	};

	return cmocka_run_group_tests_name("read", tests, NULL, NULL);
}
