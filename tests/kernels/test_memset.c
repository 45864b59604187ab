/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/kernels/memory_cell.h"

extern const struct kernel kernel_memset;

static void every_variant_sets(void **unused)
{
	(void)unused;
	memory_kernel_works(&kernel_memset);
}

static void what_was_not_set_shows(void **unused)
{
	(void)unused;
	for (int fill = 0; fill < MEM_FILL_COUNT; fill++) {
		struct cell cell = memory_cell(&kernel_memset, "libc", 4096, 1);

		cell.fill = (enum mem_fill)fill;
		memory_cell_idleness_shows(&cell);
	}
}

static void what_a_variant_cannot_do_is_skipped(void **unused)
{
	struct cell cell = memory_cell(&kernel_memset, "clzero", 4096, 1);
	struct setup setup = memory_setup(&cell);
	struct err e = {""};

	(void)unused;
	assert_int_equal(kernel_memset.probe(&setup, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "only zeros"));
	cell.fill = MEM_ZERO;
	assert_int_equal(kernel_memset.probe(&setup, &e), 0);
	memory_cell_axis(&cell, "dst_offset", 8);
	assert_int_equal(kernel_memset.probe(&setup, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "multiples of 64 bytes, and dst_offset is 8"));
	cell.variant = kernel_variant(&kernel_memset, "avx2");
	memory_cell_works(&cell, 1);
}

static void half_of_every_line_is_set_and_counted(void **unused)
{
	struct cell cell = memory_cell(&kernel_memset, "avx2_nt_half", 4096, 1);
	struct err e = {""};
	struct traffic t;
	uint8_t *bytes;
	void *state;

	(void)unused;
	kernel_memset.traffic(&cell, &t);
	assert_int_equal(t.written, 2048);
	assert_int_equal(t.allocate, 0);
	if (!memory_cell_can_run(&cell))
		skip_because("this CPU has no AVX2");
	state = memory_cell_open(&cell);
	kernel_memset.run(state, 0, 1);
	assert_int_equal(kernel_memset.verify(state, &e), 0);
	/* The array is what the state begins with. */
	bytes = *(uint8_t **)state;
	bytes[4095] ^= 1;
	assert_int_equal(kernel_memset.verify(state, &e), 0);
	bytes[4032] ^= 1;
	assert_int_equal(kernel_memset.verify(state, &e), -EIO);
	assert_string_equal(e.text, "byte 4032 of 4096 was not set");
	kernel_memset.teardown(state);
}

static void odd_sizes_are_refused(void **unused)
{
	struct cell cell = memory_cell(&kernel_memset, "avx2", 1000, 1);

	(void)unused;
	memory_cell_is_refused(&cell, "size 1000 is not a multiple of 512 bytes");
}

static void the_code_is_what_the_names_promise(void **unused)
{
	static const struct promise promises[] = {
	        {"set_rep_stosb", "^rep stos +%al", NULL},
	        {"set_rep_stosq", "^rep stos +%rax", NULL},
	        {"set_scalar8", "^mov +%([a-d]l|[sd]il|r[0-9]+b),.*\\(%r", "[xyz]mm"},
	        {"set_scalar16", "^mov +%([a-d]x|[sd]i|r[0-9]+w),.*\\(%r", "[xyz]mm"},
	        {"set_scalar32", "^mov +%(e[a-z]+|r[0-9]+d),.*\\(%r", "[xyz]mm"},
	        {"set_scalar", "^mov +%r([a-d]x|[sd]i|[0-9]+),.*\\(%r", "[xyz]mm"},
	        {"set_movnti", "^movnti +%r", "[xyz]mm"},
	        {"set_avx2_nt_pages", "^vmovnt(dq|ps|pd) +%ymm", "zmm"},
	        {"set_avx512_nt_pages", "^vmovnt(dq|ps|pd) +%zmm", NULL},
	        {"set_avx2_nt_pages", "^(sfence|jmp.*set_avx2_nt>)", NULL},
	        {"set_avx512_nt_pages", "^(sfence|jmp.*set_avx512_nt>)", NULL},
	        {"set_avx2_nt_half", "^vmovnt(dq|ps|pd) +%ymm", "zmm"},
	        {"set_sse2", "^mov[a-z]+ +%xmm[0-9]+,.*\\(%r", "[yz]mm|^v|movnt"},
	        {"set_sse2_nt", "^movnt(dq|ps|pd) +%xmm", "[yz]mm|^v"},
	        {"set_avx2", "^vmov[a-z]+ +%ymm[0-9]+,.*\\(%r", "zmm|movnt"},
	        {"set_avx2_nt", "^vmovnt(dq|ps|pd) +%ymm", "zmm"},
	        {"set_avx512", "^vmov[a-z0-9]+ +%zmm[0-9]+,.*\\(%r", "movnt"},
	        {"set_avx512_nt", "^vmovnt(dq|ps|pd) +%zmm", NULL},
	        {"set_movdiri", "^movdiri", NULL},
	        {"set_movdir64b", "^movdir64b", NULL},
	        {"set_clzero", "^clzero", NULL},
	        {"set_sse2_nt", "^sfence", NULL},
	        {"set_avx2_nt", "^sfence", NULL},
	        {"set_avx512_nt", "^sfence", NULL},
	        {"set_movnti", "^sfence", NULL},
	        {"set_avx2_nt_half", "^sfence", NULL},
	        {"set_movdiri", "^sfence", NULL},
	        {"set_movdir64b", "^sfence", NULL},
	        {"set_clzero", "^sfence", NULL},
	};

	(void)unused;
	/* All variants but libc, and the ten fences. */
	assert_int_equal(sizeof(promises) / sizeof(promises[0]),
	                 kernel_memset.variant_count - 1 + 10);
	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++)
		promise_holds(&promises[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_variant_sets),
	        cmocka_unit_test(what_was_not_set_shows),
	        cmocka_unit_test(what_a_variant_cannot_do_is_skipped),
	        cmocka_unit_test(half_of_every_line_is_set_and_counted),
	        cmocka_unit_test(odd_sizes_are_refused),
	        cmocka_unit_test(the_code_is_what_the_names_promise),
	};

	return cmocka_run_group_tests_name("memset", tests, NULL, NULL);
}
