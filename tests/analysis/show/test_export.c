/* SPDX-License-Identifier: MIT */
#include "analysis/show/export.h"

#include "tests/analysis/compare_fixture.h"

static void a_wide_table_has_the_platforms_side_by_side(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default, other = guest();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	other.accel = "tcg";
	put(f->out, row, ROUNDS(100, 100));
	put(f->out, other, ROUNDS(200, 200));
	other.variant = "only_there";
	put(f->out, other, ROUNDS(300, 300));
	assert_int_equal(finish(f), 0);
	assert_int_equal(export_wide(out, &f->compare, &f->e), 0);
	fclose(out);
	assert_non_null(strstr(text, ",unit,native_median_ns,native_mad_ns,native_gbps,"
	                             "native_rounds,native_ratio,native_low,native_high,"
	                             "native_verdict,nosev_tcg_median_ns,"));
	assert_non_null(strstr(text, "\nmemcpy,avx2,1048576,1,4k,anon,random,,latency,"
	                             "100,0.4,,2,,,,,200,0.8,,2,2,"));
	assert_non_null(strstr(text, ",none\nmemcpy,only_there,1048576,1,4k,anon,random,,"
	                             "latency,,,,,,,,,300,1.2,,2,,,,\n"));
	free(text);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(a_wide_table_has_the_platforms_side_by_side),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
