/* SPDX-License-Identifier: MIT */
#include "analysis/decide/exit_check.h"

#include <math.h>

#include "tests/analysis/fixture.h"

/* Two rounds of a cell of an operation that takes `ns`, 10000 of them, and so many exits each. */
static void put(struct fixture *f, const char *platform, const char *kernel, const char *variant,
                double ns, double exits, double irq)
{
	struct synth row = synth_default;

	row.platform = platform;
	row.accel = "kvm";
	row.kernel = kernel;
	row.variant = variant;
	row.size = 0;
	row.iterations = 10000;
	row.ns = ns * 10000;
	row.exits = exits;
	row.exits_irq = irq;
	for (row.round = 1; row.round <= 2; row.round++)
		synth_row(f->out, &row);
}

static void cells_are_held_to_what_is_expected_of_them(void **state)
{
	static const struct {
		const char *platform, *kernel, *variant;
		double ns, exits, irq, expected;
		const char *word;
	} cells[] = {
	        {"nosev", "cpuid", "0x0", 1200, 1.004, 0.002, 1, "right"},
	        {"nosev", "cpuid", "0x0", 1200, 0.004, 0.002, 1, "wrong"}, /* never left */
	        {"nosev", "cpuid", "0x0", 1200, 4.004, 0.002, 1, "wrong"}, /* four times */
	        {"nosev", "cpuid", "0x0", 1200, 2, 1, 1, "right"},   /* interrupts come on top */
	        {"nosev", "cpuid", "0x0", 1200, 1.1, 1, 1, "wrong"}, /* and hide nothing */
	        {"snp", "cpuid", "0x0", 650, 0.004, 0.002, 0, "right"},
	        {"snp", "cpuid", "0x0", 650, 1.004, 0.002, 0, "wrong"},
	        {"snp", "cpuid", "0xb", 3900, 1.004, 0.002, 1, "right"},
	        {"snp", "cpuid", "0xb", 3900, 4.004, 0.002, 1, "wrong"}, /* Linux before 6.1.57 */
	        {"sev-es", "cpuid", "0x0", 3900, 1, 0, 1, "right"},
	        {"nosev", "ring0_mmio", "read", 9000, 1.1, 0, 1, "right"},
	        {"nosev", "memcpy", "avx2", 1000, 0.001, 0, 0, "right"},
	        {"nosev", "memcpy", "avx2", 5e6, 20, 2, 0, "right"}, /* timers of a long one */
	        {"nosev", "memcpy", "avx2", 5e6, 90, 2, 0, "wrong"},
	        {"nosev", "touch", "write", 1000, 1, 0, NAN, ""}, /* nobody knows */
	        {"nosev", "no_such", "kernel", 1000, 1, 0, NAN, ""},
	        {"nosev", "cpuid", "0x0", 1200, 0, 0, 1, ""}, /* not counted */
	};

	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		struct fixture *f = *state;
		const struct summary_row *row;

		put(f, cells[i].platform, cells[i].kernel, cells[i].variant, cells[i].ns,
		    cells[i].exits, cells[i].irq);
		row = fixture_summarise(f);
		assert_string_equal(exit_check_word(row), cells[i].word);
		assert_int_equal(row->exits_wrong, !strcmp(cells[i].word, "wrong"));
		if (isnan(cells[i].expected))
			assert_true(isnan(row->exits_expected));
		else
			assert_true(row->exits_expected == cells[i].expected);
		tear_down(state);
		set_up(state);
	}
}

/* Few operations: what tells the host where they begin and end must not be laid at their door. */
static void a_few_operations_prove_nothing(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.platform = "nosev";
	row.accel = "kvm";
	row.kernel = "cpuid";
	row.variant = "0x0";
	row.iterations = 4;
	row.exits = 8;
	synth_row(f->out, &row);
	assert_false(fixture_summarise(f)->exits_wrong);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(cells_are_held_to_what_is_expected_of_them),
	        T(a_few_operations_prove_nothing),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
