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
	static const char *const names[] = {"copy", "scale", "add", "triad", "daxpy", "sum", "dot"};

	(void)unused;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (int fill = 0; fill < MEM_FILL_COUNT; fill++) {
			struct cell cell = memory_cell(&kernel_stream, names[i], 4096, 1);

			struct setup setup = memory_setup(&cell);

			cell.fill = (enum mem_fill)fill;
			if (kernel_stream.probe(&setup, NULL) == 0)
				memory_cell_idleness_shows(&cell);
		}
	}
}

static void bytes_are_counted_as_stream_does(void **unused)
{
	static const struct {
		const char *variant;
		unsigned read, written, allocate; /* arrays */
	} want[] = {{"copy", 1, 1, 1},          {"scale_avx2", 1, 1, 1},
	            {"add", 2, 1, 1},           {"triad_avx2", 2, 1, 1},
	            {"triad_avx2_nt", 2, 1, 0}, {"copy_avx512_nt_pages", 1, 1, 0},
	            {"daxpy_avx2", 2, 1, 0},    {"sum", 1, 0, 0},
	            {"dot_avx512", 2, 0, 0}};

	(void)unused;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct cell cell = memory_cell(&kernel_stream, want[i].variant, 1024, 1);
		struct traffic t;

		kernel_stream.traffic(&cell, &t);
		assert_int_equal(t.read, want[i].read * 1024);
		assert_int_equal(t.written, want[i].written * 1024);
		assert_int_equal(t.allocate, want[i].allocate * 1024);
	}
}

static void products_that_underflow_are_skipped(void **unused)
{
	struct cell cell = memory_cell(&kernel_stream, "dot", 4096, 1);
	struct setup setup = memory_setup(&cell);
	struct err e = {""};

	(void)unused;
	assert_int_equal(kernel_stream.probe(&setup, &e), 0);
	cell.fill = MEM_ONE;
	assert_int_equal(kernel_stream.probe(&setup, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "too small"));
}

static void footprint_is_three_arrays(void **unused)
{
	struct cell cell = memory_cell(&kernel_stream, "triad", 1 << 20, 1);

	(void)unused;
	assert_int_equal(kernel_stream.footprint(&cell), 3 << 20);
	cell.size = 1 << 19 | 8;
	memory_cell_is_refused(&cell, "not a multiple of 512");
}

/* One element that is not what it must be, in the last place, or one pass that was not made. */
static void an_element_that_is_wrong_shows(void **unused)
{
	static const char *const names[] = {"triad_avx2", "daxpy", "sum", "dot"};

	(void)unused;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct cell cell = memory_cell(&kernel_stream, names[i], 4096, 1);
		struct err e = {""};
		double *last;
		void *state;

		if (!memory_cell_can_run(&cell))
			continue;
		state = memory_cell_open(&cell);
		kernel_stream.run(state, 0, 3);
		assert_int_equal(kernel_stream.verify(state, &e), 0);
		/* Array A is what the state begins with. */
		last = *(double **)state + 4096 / sizeof(*last) - 1;
		*last *= 1 + 1e-9;
		assert_int_equal(kernel_stream.verify(state, &e), -EIO);
		kernel_stream.run(state, 0, 1);
		if (strcmp(names[i], "daxpy") != 0)
			assert_int_equal(kernel_stream.verify(state, &e),
			                 strcmp(names[i], "triad_avx2") ? -EIO : 0);
		kernel_stream.teardown(state);
	}
}

static void flavours_hold(const char *operation, const struct promise *flavours, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char name[64];
		struct promise p = flavours[i];

		snprintf(name, sizeof(name), "stream_%s%s", operation, p.function);
		p.function = name;
		promise_holds(&p);
	}
}

static void the_code_is_what_the_names_promise(void **unused)
{
	static const char *const operations[] = {"copy", "scale", "add", "triad"};
	static const struct promise flavours[] = {
	        {"", "^movs?[a-z]+ +%xmm[0-9],.*\\(%r", "[yz]mm|^v|movap|movup|movnt"},
	        {"_avx2", "^vmov[a-z]+ +%ymm[0-9]+,.*\\(%r", "zmm|movnt"},
	        {"_avx2_nt", "^vmovnt(dq|ps|pd) +%ymm", "zmm"},
	        {"_avx2_nt_pages", "^vmovnt(dq|ps|pd) +%ymm", "zmm"},
	        {"_avx512", "^vmov[a-z0-9]+ +%zmm[0-9]+,.*\\(%r", "ymm|movnt"},
	        {"_avx512_nt", "^vmovnt(dq|ps|pd) +%zmm", "ymm"},
	        {"_avx512_nt_pages", "^vmovnt(dq|ps|pd) +%zmm", "ymm"},
	        {"_avx2_nt", "^sfence", NULL},
	        {"_avx512_nt", "^sfence", NULL},
	        {"_avx2_nt_pages", "^(sfence|(call|jmp).*_avx2_nt>)", NULL},
	        {"_avx512_nt_pages", "^(sfence|(call|jmp).*_avx512_nt>)", NULL},
	};
	/* Where the CPU has it, a compiler may multiply and add at once. */
	static const struct promise sums[] = {
	        {"", "^addsd", "[yz]mm|^v|addpd"},
	        {"_avx2", "^v(add|fmadd[0-9]*)pd .*%ymm", "zmm"},
	        {"_avx512", "^v(add|fmadd[0-9]*)pd .*%zmm", NULL},
	};
	/* Loads of both arrays, the stores where one of the loads was. */
	static const struct promise daxpy[] = {
	        {"", "^movs?[a-z]+ +%xmm[0-9],.*\\(%r", "[yz]mm|^v|movap|movup|movnt"},
	        {"_avx2", "^vmov[a-z]+ +%ymm[0-9]+,.*\\(%r", "zmm|movnt"},
	        {"_avx512", "^vmov[a-z0-9]+ +%zmm[0-9]+,.*\\(%r", "ymm|movnt"},
	};
	static const struct promise products[] = {
	        {"", "^mulsd", "[yz]mm|^v|mulpd"},
	        {"_avx2", "^v(mul|fmadd[0-9]*)pd .*%ymm", "zmm"},
	        {"_avx512", "^v(mul|fmadd[0-9]*)pd .*%zmm", NULL},
	};

	(void)unused;
	for (size_t i = 0; i < 4; i++)
		flavours_hold(operations[i], flavours, sizeof(flavours) / sizeof(flavours[0]));
	flavours_hold("daxpy", daxpy, 3);
	flavours_hold("sum", sums, 3);
	flavours_hold("dot", sums, 3);
	flavours_hold("dot", products, 3);
	/* Seven ways of four operations, three of three. */
	assert_int_equal(kernel_stream.variant_count, 4 * 7 + 3 * 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_variant_computes),
	        cmocka_unit_test(what_was_not_computed_shows),
	        cmocka_unit_test(bytes_are_counted_as_stream_does),
	        cmocka_unit_test(products_that_underflow_are_skipped),
	        cmocka_unit_test(footprint_is_three_arrays),
	        cmocka_unit_test(an_element_that_is_wrong_shows),
	        cmocka_unit_test(the_code_is_what_the_names_promise),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
