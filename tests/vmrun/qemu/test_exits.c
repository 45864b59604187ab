/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/exits.h"

#include "tests/cmocka.h"

/* As QEMU 7.2 answers query-stats for two vCPUs, shortened. */
static json_t *stats(int exits, int ports)
{
	return json_pack("[{s:s, s:s, s:[{s:s, s:i}, {s:s, s:i}, {s:s, s:[i]}]},"
	                 " {s:s, s:[{s:s, s:i}, {s:s, s:i}]}]",
	                 "provider", "kvm", "qom-path", "/machine/unattached/device[0]", "stats",
	                 "name", "exits", "value", exits, "name", "io_exits", "value", ports,
	                 "name", "halt_poll_success_hist", "value", 1, "provider", "kvm", "stats",
	                 "name", "exits", "value", 5, "name", "mmio_exits", "value", 2);
}

static bool mark(struct exits *x, const char *line, int exits, int ports, struct exits_cell *cell)
{
	json_t *s = stats(exits, ports);
	bool ended = exits_mark(x, line, s, cell);

	json_decref(s);
	return ended;
}

static void a_cell_is_what_lies_between_its_marks(void **state)
{
	struct exits x = {0};
	struct exits_cell cell;
	char text[512];

	(void)state;
	assert_false(mark(&x, "begin", 1000, 10, &cell));
	assert_true(mark(&x, "end 200 ioport/in_pic", 1220, 210, &cell));
	assert_string_equal(cell.name, "ioport/in_pic");
	assert_int_equal(cell.operations, 200);
	assert_int_equal(cell.sum[EXITS_ALL], 220);
	assert_int_equal(cell.sum[EXITS_IO], 200);
	assert_int_equal(cell.sum[EXITS_MMIO], 0);
	exits_text(&cell, text, sizeof(text));
	assert_string_equal(text, "ioport/in_pic: 1.100 exits per operation (ports 1.000, MMIO to "
	                          "QEMU 0.000, interrupts 0.000), 200 operations");
	/* The next one begins anew. */
	assert_false(mark(&x, "begin", 2000, 210, &cell));
	assert_true(mark(&x, "end 1 read/avx2 1M 4k", 2000, 210, &cell));
	assert_string_equal(cell.name, "read/avx2 1M 4k");
	assert_int_equal(cell.sum[EXITS_ALL], 0);
}

static void other_lines_end_nothing(void **state)
{
	static const char *const lines[] = {"",      "end",       "end ",   "end x",
	                                    "end 5", "beginning", "END 5 a"};
	struct exits x = {0};
	struct exits_cell cell;

	(void)state;
	assert_false(mark(&x, "end 5 cpuid/0x0", 10, 0, &cell));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_false(mark(&x, "begin", 10, 0, &cell));
		assert_false(mark(&x, lines[i], 20, 0, &cell));
		assert_false(mark(&x, "end 5 cpuid/0x0", 30, 0, &cell));
	}
}

/* QEMU before 7.1, or without KVM: no counter is no zero. */
static void without_counters_there_is_no_cell(void **state)
{
	struct exits x = {0};
	struct exits_cell cell;
	json_t *empty = json_array(), *odd = json_pack("{s:s}", "exits", "many");

	(void)state;
	assert_false(exits_mark(&x, "begin", NULL, &cell));
	assert_false(exits_mark(&x, "end 5 cpuid/0x0", NULL, &cell));
	assert_false(exits_mark(&x, "begin", empty, &cell));
	assert_false(mark(&x, "end 5 cpuid/0x0", 20, 0, &cell));
	assert_false(exits_mark(&x, "begin", odd, &cell));
	assert_false(mark(&x, "begin", 20, 0, &cell));
	assert_false(exits_mark(&x, "end 5 cpuid/0x0", odd, &cell));
	json_decref(empty);
	json_decref(odd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_cell_is_what_lies_between_its_marks),
	        cmocka_unit_test(other_lines_end_nothing),
	        cmocka_unit_test(without_counters_there_is_no_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
