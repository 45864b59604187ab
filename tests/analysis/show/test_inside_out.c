/* SPDX-License-Identifier: MIT */
#include "analysis/show/inside_out.h"

#include "tests/analysis/inside_fixture.h"

/* f->text is what is printed of it. */
static void print(struct fixture *f)
{
	FILE *out = fixture_page(f);

	assert_int_equal(inside_out_print(out, &f->inside, &f->e), 0);
	fclose(out);
}

static void a_control_that_differs_says_so(void **state)
{
	struct fixture *f = *state;

	put(f, "nosev", "tcg", "shared", 1000);
	put(f, "nosev", "tcg", "private", 1050);
	prepare(f);
	assert_int_equal(f->inside.count, 1);
	print(f);
	assert_non_null(strstr(f->text, " nosev*  private 1.050 [1.0"));
	assert_non_null(strstr(f->text, "control: DIFFERS\n"));
	expect_narrow_ascii(f);
}

static void without_shared_memory_nothing_is_said(void **state)
{
	struct fixture *f = *state;

	put(f, "nosev", "kvm", "private", 1000);
	prepare(f);
	assert_int_equal(f->inside.count, 0);
	print(f);
	assert_string_equal(f->text, "");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(a_control_that_differs_says_so),
	        T(without_shared_memory_nothing_is_said),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
