/* SPDX-License-Identifier: MIT */
#include "vmrun/wire/counts.h"

#include "harness/result.h"
#include "tests/cmocka.h"

static bool mark(struct counts_marks *m, const char *line, uint64_t exits, uint64_t ports,
                 struct counts_cell *cell)
{
	const struct counts now = {COUNTS_KVM, {[COUNTS_EXITS] = exits, [COUNTS_EXITS_IO] = ports}};

	return counts_mark(m, line, &now, cell);
}

static void a_cell_is_what_lies_between_its_marks(void **state)
{
	struct counts_marks m = {0};
	struct counts_cell cell;
	char text[512];

	(void)state;
	assert_false(mark(&m, "begin", 1000, 10, &cell));
	assert_true(mark(&m, "end 200 ioport/in_pic", 1220, 210, &cell));
	assert_string_equal(cell.name, "ioport/in_pic");
	assert_int_equal(cell.operations, 200);
	assert_int_equal(cell.sum.by, COUNTS_KVM);
	assert_int_equal(cell.sum.of[COUNTS_EXITS], 220);
	assert_int_equal(cell.sum.of[COUNTS_EXITS_IO], 200);
	assert_int_equal(cell.sum.of[COUNTS_EXITS_MMIO], 0);
	counts_text(&cell, text, sizeof(text));
	assert_string_equal(text,
	                    "ioport/in_pic: 1.100 exits per operation (ports 1.000, MMIO to QEMU "
	                    "0.000, interrupts 0.000, halts 0.000), 200 operations");
	/* The next one begins anew. */
	assert_false(mark(&m, "begin", 2000, 210, &cell));
	assert_true(mark(&m, "end 1 read/avx2 1M 4k", 2000, 210, &cell));
	assert_string_equal(cell.name, "read/avx2 1M 4k");
	assert_int_equal(cell.sum.of[COUNTS_EXITS], 0);
}

static void an_emulated_processor_counts_other_things(void **state)
{
	struct counts now = {COUNTS_EMULATION, {0}};
	struct counts_marks m = {0};
	struct counts_cell cell;
	char text[512];

	(void)state;
	assert_false(counts_mark(&m, "begin", &now, &cell));
	now.of[COUNTS_VC] = 5;
	now.of[COUNTS_VMGEXIT] = now.of[COUNTS_PVALIDATE] = 4;
	now.of[COUNTS_PAGE_STATES] = 2;
	assert_true(counts_mark(&m, "end 2 convert/4k", &now, &cell));
	assert_int_equal(cell.sum.by, COUNTS_EMULATION);
	counts_text(&cell, text, sizeof(text));
	assert_string_equal(text, "convert/4k: 2.500 #VC per operation (VMGEXIT 2.000, page states "
	                          "1.000, PVALIDATE 2.000), 2 operations");
	counts_text(&cell, text, 20); /* cut, not written behind its end */
	assert_string_equal(text, "convert/4k: 2.500 #");
}

static void other_lines_end_nothing(void **state)
{
	static const char *const lines[] = {"",
	                                    "end",
	                                    "end ",
	                                    "end x",
	                                    "end 5",
	                                    "beginning",
	                                    "END 5 a",
	                                    "end -5 a",
	                                    "end  5 a",
	                                    "end +5 a",
	                                    "end 18446744073709551616 a"};
	struct counts_marks m = {0};
	struct counts_cell cell;

	(void)state;
	assert_false(mark(&m, "end 5 cpuid/0x0", 10, 0, &cell));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_false(mark(&m, "begin", 10, 0, &cell));
		assert_false(mark(&m, lines[i], 20, 0, &cell));
		assert_false(mark(&m, "end 5 cpuid/0x0", 30, 0, &cell));
	}
}

static void where_nobody_counts_there_is_no_cell(void **state)
{
	const struct counts nobody = {COUNTS_NOBODY, {0}}, emulation = {COUNTS_EMULATION, {0}};
	struct counts_marks m = {0};
	struct counts_cell cell;

	(void)state;
	assert_false(counts_mark(&m, "begin", &nobody, &cell));
	assert_false(mark(&m, "end 5 cpuid/0x0", 20, 0, &cell));
	assert_false(mark(&m, "begin", 20, 0, &cell));
	assert_false(counts_mark(&m, "end 5 cpuid/0x0", &nobody, &cell));
	assert_false(counts_mark(&m, "begin", &emulation, &cell));
	assert_false(mark(&m, "end 5 cpuid/0x0", 20, 0, &cell));
}

/* Whoever fills the columns goes through the names in their order. */
static void the_names_are_the_columns(void **state)
{
	(void)state;
	for (int i = 0; i < COUNTS_COUNT; i++)
		assert_string_equal(counts_name((enum counts_name)i),
		                    result_column_name((enum result_column)(RESULT_exits + i)));
	assert_int_equal(strlen(RESULT_COUNTS_FIELDS), COUNTS_COUNT);
	assert_int_equal((int)RESULT_exits + (int)COUNTS_COUNT, RESULT_host_pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_cell_is_what_lies_between_its_marks),
	        cmocka_unit_test(an_emulated_processor_counts_other_things),
	        cmocka_unit_test(other_lines_end_nothing),
	        cmocka_unit_test(where_nobody_counts_there_is_no_cell),
	        cmocka_unit_test(the_names_are_the_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
