/* SPDX-License-Identifier: MIT */
#include "analysis/decide/compare_cells.h"

#include "tests/analysis/compare_fixture.h"

static void a_cell_without_reference_has_a_note(void **state)
{
	struct fixture *f = *state;
	struct synth row = guest();

	put(f->out, synth_default, ROUNDS(100, 100));
	row.variant = "other";
	put(f->out, row, ROUNDS(100, 100));
	assert_int_equal(finish(f), 0);
	assert_int_equal(f->compare.cell_count, 1);
	assert_string_equal(f->compare.cells[0].note, "the reference was not measured");
}

/* In the order of platforms, and pages behind theirs, though the first cell lacks some of them. */
static void a_kernel_has_its_platforms_in_order(void **state)
{
	const unsigned expected[] = {PLATFORM_NATIVE, target_on(PLATFORM_NOSEV, MEM_THP),
	                             PLATFORM_SEV, PLATFORM_SNP};
	struct fixture *f = *state;
	struct synth row = guest();

	for (int i = 0; i < 2; i++) {
		row.variant = i ? "b" : "a";
		row.accel = "kvm";
		row.platform = "nosev";
		row.host_pages = "4k";
		put(f->out, row, ROUNDS(100, 100));
		row.platform = "snp";
		put(f->out, row, ROUNDS(120, 120));
		row.platform = "sev";
		put(f->out, row, ROUNDS(110, 110));
		if (!i)
			continue;
		row.platform = "nosev";
		row.host_pages = "thp";
		put(f->out, row, ROUNDS(90, 90));
		row.platform = "native";
		row.accel = "none";
		row.host_pages = "";
		put(f->out, row, ROUNDS(80, 80));
	}
	assert_int_equal(finish(f), 0);
	assert_int_equal(f->compare.kernel_count, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(f->compare.kernels[i].platform, expected[i]);
	for (size_t i = 0; i < f->compare.cell_count; i++)
		assert_int_equal(f->compare.kernels[f->compare.cells[i].kernel].platform,
		                 f->compare.cells[i].row->platform);
	assert_int_equal(f->compare.kernels[2].cells, 2);
	/* The cells too: sev and snp of the first, then all of the second. */
	for (int i = 0; i < 4; i++)
		assert_int_equal(f->compare.cells[2 + i].row->platform, expected[i]);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(a_cell_without_reference_has_a_note),
	        T(a_kernel_has_its_platforms_in_order),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
