/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/kernels/memory_cell.h"

extern const struct kernel kernel_stream;

static void every_variant_computes(void **unused)
{
	(void)unused;
	memory_kernel_works(&kernel_stream);
}

static void what_was_not_computed_shows(void **unused)
{
	static const char *const names[] = {"copy", "scale", "add", "triad"};

	(void)unused;
	for (size_t i = 0; i < 4; i++) {
		for (int fill = 0; fill < MEM_FILL_COUNT; fill++) {
			struct cell cell = memory_cell(&kernel_stream, names[i], 4096, 1);

			cell.fill = (enum mem_fill)fill;
			memory_cell_idleness_shows(&cell);
		}
	}
}

static void bytes_are_counted_as_stream_does(void **unused)
{
	static const struct {
		const char *variant;
		unsigned read, allocate; /* arrays */
	} want[] = {{"copy", 1, 1},       {"scale_avx2", 1, 1},    {"add", 2, 1},
	            {"triad_avx2", 2, 1}, {"triad_avx2_nt", 2, 0}, {"copy_avx512_nt", 1, 0}};

	(void)unused;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct cell cell = memory_cell(&kernel_stream, want[i].variant, 1024, 1);
		struct traffic t;

		kernel_stream.traffic(&cell, &t);
		assert_int_equal(t.read, want[i].read * 1024);
		assert_int_equal(t.written, 1024);
		assert_int_equal(t.allocate, want[i].allocate * 1024);
	}
}

static void footprint_is_three_arrays(void **unused)
{
	struct cell cell = memory_cell(&kernel_stream, "triad", 1 << 20, 1);

	(void)unused;
	assert_int_equal(kernel_stream.footprint(&cell), 3 << 20);
	cell.size = 1 << 19 | 8;
	memory_cell_is_refused(&cell, "not a multiple of 512");
}

static void the_code_is_what_the_names_promise(void **unused)
{
	static const char *const operations[] = {"copy", "scale", "add", "triad"};
	static const struct promise flavours[] = {
	        {"", "^movs?[a-z]+ +%xmm[0-9],.*\\(%r", "[yz]mm|^v|movap|movup|movnt"},
	        {"_avx2", "^vmov[a-z]+ +%ymm[0-9]+,.*\\(%r", "zmm|movnt"},
	        {"_avx2_nt", "^vmovnt(dq|ps|pd) +%ymm", "zmm"},
	        {"_avx512", "^vmov[a-z0-9]+ +%zmm[0-9]+,.*\\(%r", "ymm|movnt"},
	        {"_avx512_nt", "^vmovnt(dq|ps|pd) +%zmm", "ymm"},
	        {"_avx2_nt", "^sfence", NULL},
	        {"_avx512_nt", "^sfence", NULL},
	};

	(void)unused;
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < sizeof(flavours) / sizeof(flavours[0]); j++) {
			char name[64];
			struct promise p = flavours[j];

			snprintf(name, sizeof(name), "stream_%s%s", operations[i], p.function);
			p.function = name;
			promise_holds(&p);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_variant_computes),
	        cmocka_unit_test(what_was_not_computed_shows),
	        cmocka_unit_test(bytes_are_counted_as_stream_does),
	        cmocka_unit_test(footprint_is_three_arrays),
	        cmocka_unit_test(the_code_is_what_the_names_promise),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
