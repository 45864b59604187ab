/* SPDX-License-Identifier: MIT */
#include "analysis/show/costs_out.h"

#include <math.h>

#include "tests/analysis/parts_fixture.h"

static void answers_have_their_interval(void **state)
{
	struct costs_row row = {.unit = "ms", .value = 51.2, .low = 9.5, .high = 120};
	char text[COSTS_OUT_TEXT];

	(void)state;
	assert_string_equal(costs_out_value(&row, text), "51.2 ms (9.50 to 120)");
	row.high = INFINITY;
	assert_string_equal(costs_out_value(&row, text), "51.2 ms (9.50 to no end)");
	row.low = NAN;
	assert_string_equal(costs_out_value(&row, text), "51.2 ms (one round)");
	row.state = COSTS_NOT_MEASURED;
	assert_string_equal(costs_out_value(&row, text), "not measured");
}

static void emulated_guests_are_marked(void **state)
{
	struct fixture *f = *state;
	struct costs costs;
	FILE *out;

	put(f, "snp", "tcg", "cpuid", "0xb", 50000, ROUNDS);
	put(f, "nosev", "kvm", "cpuid", "0xb", 1000, ROUNDS);
	fixture_summarise(f);
	assert_int_equal(costs_make(&f->summary, &costs, &f->e), 0);
	out = fixture_page(f);
	assert_int_equal(costs_out_print(out, &costs, &f->e), 0);
	fclose(out);
	assert_non_null(strstr(f->text, "no cost of hardware, and nothing is computed"));
	assert_non_null(strstr(f->text, "  nosev   10000 a second (9"));
	assert_non_null(strstr(f->text, "  snp     not computed (emulated)\n"));
	expect_narrow_ascii(f);
	costs_free(&costs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(answers_have_their_interval),
	        cmocka_unit_test_setup_teardown(emulated_guests_are_marked, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
