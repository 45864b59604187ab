/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/kernels/memory_cell.h"

extern const struct kernel kernel_memcpy;

static void every_variant_copies(void **unused)
{
	(void)unused;
	memory_kernel_works(&kernel_memcpy);
}

static void what_was_not_copied_shows(void **unused)
{
	(void)unused;
	for (int fill = 0; fill < MEM_FILL_COUNT; fill++) {
		struct cell cell = memory_cell(&kernel_memcpy, "rep_movsb", 8192, 1);

		cell.fill = (enum mem_fill)fill;
		memory_cell_idleness_shows(&cell);
	}
}

static void misaligned_copies_work_or_are_skipped(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_memcpy.variant_count; i++) {
		struct cell cell =
		        memory_cell(&kernel_memcpy, kernel_memcpy.variants[i].name, 4096 + 512, 1);
		struct setup setup = memory_setup(&cell);
		struct err e = {""};

		memory_cell_axis(&cell, "src_offset", 13);
		if (memory_cell_can_run(&cell))
			memory_cell_works(&cell, 1);
		memory_cell_axis(&cell, "dst_offset", 7);
		if (strstr(cell.variant->name, "_nt") &&
		    strcmp(cell.variant->name + strlen(cell.variant->name) - 3, "_nt") == 0) {
			assert_int_equal(kernel_memcpy.probe(&setup, &e), -ENOTSUP);
			assert_non_null(strstr(e.text, "dst_offset is 7"));
		} else if (memory_cell_can_run(&cell) && kernel_memcpy.probe(&setup, &e) == 0) {
			memory_cell_works(&cell, 1);
		}
	}
}

static void a_part_that_was_not_copied_shows(void **unused)
{
	struct cell cell = memory_cell(&kernel_memcpy, "libc", 2 << 20, 2);
	void *state = memory_cell_open(&cell);
	struct err e = {""};

	(void)unused;
	kernel_memcpy.run(state, 0, 1);
	assert_int_equal(kernel_memcpy.verify(state, &e), -EIO);
	assert_non_null(
	        strstr(e.text, "byte 1048576 of 2097152")); /* where thread 1's part begins */
	kernel_memcpy.run(state, 1, 1);
	assert_int_equal(kernel_memcpy.verify(state, &e), 0);
	kernel_memcpy.teardown(state);
}

static void odd_sizes_are_refused(void **unused)
{
	struct cell cell = memory_cell(&kernel_memcpy, "avx2", 4097, 1);

	(void)unused;
	memory_cell_is_refused(&cell, "size 4097 is not a multiple of 512 bytes");
	cell.size = 4096;
	cell.threads = 3;
	memory_cell_is_refused(&cell, "multiple of 1536 bytes (512 for each of 3 threads)");
	cell.size = 0;
	memory_cell_is_refused(&cell, "size 0");
}

static void footprint_is_two_arrays_of_whole_pages(void **unused)
{
	struct cell cell = memory_cell(&kernel_memcpy, "avx2", 4096, 1);

	(void)unused;
	assert_int_equal(kernel_memcpy.footprint(&cell), 8192);
	memory_cell_axis(&cell, "dst_offset", 1);
	assert_int_equal(kernel_memcpy.footprint(&cell), 3 * 4096);
	cell.pages = MEM_2M;
	assert_int_equal(kernel_memcpy.footprint(&cell), 4 << 20);
}

static void traffic_counts_write_allocate_apart(void **unused)
{
	struct cell cell = memory_cell(&kernel_memcpy, "avx2", 1 << 20, 1);
	struct traffic t;

	(void)unused;
	kernel_memcpy.traffic(&cell, &t);
	assert_int_equal(t.read, 1 << 20);
	assert_int_equal(t.written, 1 << 20);
	assert_int_equal(t.allocate, 1 << 20);
	cell.variant = kernel_variant(&kernel_memcpy, "avx2_nt");
	kernel_memcpy.traffic(&cell, &t);
	assert_int_equal(t.allocate, 0);
}

static void the_code_is_what_the_names_promise(void **unused)
{
	static const struct promise promises[] = {
	        {"copy_rep_movsb", "^rep movsb", NULL},
	        {"copy_rep_movsq", "^rep movsq", NULL},
	        {"copy_scalar", "^mov +%r.*,\\(%r", "[xyz]mm"},
	        {"copy_sse2", "^mov[a-z]+ +%xmm[0-9]+,.*\\(%r", "[yz]mm|^v|movnt|prefetch"},
	        {"copy_sse2_t0", "^prefetcht0", "[yz]mm|^v|movnt"},
	        {"copy_sse2_nta", "^prefetchnta", "[yz]mm|^v|movnt"},
	        {"copy_sse2_nt", "^movnt(dq|ps|pd) +%xmm", "[yz]mm|^v"},
	        {"copy_avx2", "^vmov[a-z]+ +%ymm[0-9]+,.*\\(%r", "zmm|movnt|prefetch"},
	        {"copy_avx2_t0", "^prefetcht0", "zmm|movnt"},
	        {"copy_avx2_nta", "^prefetchnta", "zmm|movnt"},
	        {"copy_avx2_nt", "^vmovnt(dq|ps|pd) +%ymm", "zmm"},
	        {"copy_avx2_nt_pages", "^vmovnt(dq|ps|pd) +%ymm", "zmm"},
	        {"copy_avx2_2pass", "^vmov[a-z]+ +%ymm[0-9]+,.*\\(%r", "zmm|movnt|prefetch"},
	        {"copy_avx2_2pass_nt", "^vmovnt(dq|ps|pd) +%ymm", "zmm"},
	        {"copy_avx2_2pass_nt", "^sfence", NULL},
	        {"copy_avx2_back", "^vmov[a-z]+ +%ymm[0-9]+,.*\\(%r", "zmm|movnt|prefetch"},
	        {"copy_avx512", "^vmov[a-z0-9]+ +%zmm[0-9]+,.*\\(%r", "ymm|movnt|prefetch"},
	        {"copy_avx512_t0", "^prefetcht0", "ymm|movnt"},
	        {"copy_avx512_nta", "^prefetchnta", "ymm|movnt"},
	        {"copy_avx512_nt", "^vmovnt(dq|ps|pd) +%zmm", "ymm"},
	        {"copy_avx512_nt_pages", "^vmovnt(dq|ps|pd) +%zmm", "ymm"},
	        {"copy_movdir64b", "^movdir64b", NULL},
	        {"copy_sse2_nt", "^sfence", NULL},
	        {"copy_avx2_nt", "^sfence", NULL},
	        {"copy_avx2_nt_pages", "^(sfence|jmp.*copy_avx2_nt>)", NULL},
	        {"copy_avx512_nt_pages", "^(sfence|jmp.*copy_avx512_nt>)", NULL},
	        {"copy_avx512_nt", "^sfence", NULL},
	        {"copy_movdir64b", "^sfence", NULL},
	};

	(void)unused;
	/* All variants but the C library's two, and the seven fences. */
	assert_int_equal(sizeof(promises) / sizeof(promises[0]),
	                 kernel_memcpy.variant_count - 2 + 7);
	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++)
		promise_holds(&promises[i]);
}

static void the_c_library_is_called_by_name(void **unused)
{
	int copies = disassembly_count("copy_libc", "^(call|jmp) .*<memcpy");

	(void)unused;
	if (copies < 0)
		skip_because("no disassembly (objdump missing, or a sanitizer's build)");
	assert_int_equal(copies, 1);
	assert_int_equal(disassembly_count("copy_libc_memmove", "^(call|jmp) .*<memmove"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_variant_copies),
	        cmocka_unit_test(what_was_not_copied_shows),
	        cmocka_unit_test(misaligned_copies_work_or_are_skipped),
	        cmocka_unit_test(a_part_that_was_not_copied_shows),
	        cmocka_unit_test(odd_sizes_are_refused),
	        cmocka_unit_test(footprint_is_two_arrays_of_whole_pages),
	        cmocka_unit_test(traffic_counts_write_allocate_apart),
	        cmocka_unit_test(the_c_library_is_called_by_name),
	        cmocka_unit_test(the_code_is_what_the_names_promise),
	};

	return cmocka_run_group_tests_name("memcpy", tests, NULL, NULL);
}
