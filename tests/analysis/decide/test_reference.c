/* SPDX-License-Identifier: MIT */
#include "analysis/decide/reference.h"

#include <math.h>
#include <string.h>

#include "tests/cmocka.h"

static void every_match_names_a_published_figure(void **state)
{
	struct reference r;
	struct err e;
	unsigned matched = 0;

	(void)state;
	assert_int_equal(reference_load(&r, &e), 0);
	assert_int_equal(r.count, 60);
	for (size_t i = 0; i < r.count; i++) {
		const struct reference_figure *f = &r.figures[i];

		matched += *f->kernel != '\0';
		assert_true(*f->source && *f->machine && *f->date && *f->quantity);
		if (!strcmp(f->quantity, "CPUID") && !strcmp(f->variant, "leaf 0xb")) {
			assert_string_equal(f->kernel, "cpuid");
			assert_true(f->plain == 1232 && f->encrypted == 3859);
			assert_true(f->time_ratio == 3.132);
		}
		if (!strcmp(f->quantity, "tinymembench memcpy") && !strcmp(f->source, "report"))
			assert_true(fabs(f->time_ratio - 1 / 0.962) < 1e-12);
		if (!strcmp(f->source, "talk"))
			assert_true(isnan(f->time_ratio) != 0);
	}
	assert_int_equal(matched, 7);
	reference_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_match_names_a_published_figure)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
