/* SPDX-License-Identifier: MIT */
#include "analysis/show/conclusion.h"

#include "analysis/show/table.h"
#include "tests/analysis/compare_fixture.h"

/* What is printed of the fixture's comparison; the caller frees it. */
static char *printed(struct fixture *f)
{
	char *text = NULL;
	size_t size = 0, column = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	conclusion_print(out, &f->compare);
	fclose(out);
	for (const char *c = text; *c; c++) {
		column = *c == '\n' ? 0 : column + 1;
		assert_true(column <= TABLE_WIDTH);
	}
	return text;
}

static void says_how_many_and_what_is_farthest(void **state)
{
	struct fixture *f = *state;
	struct synth row = guest();
	char *text;

	put(f->out, synth_default, ROUNDS(100, 101, 99, 100, 100));
	put(f->out, row, ROUNDS(200, 202, 198, 200, 201));
	row.variant = "other";
	put(f->out, row, ROUNDS(200));
	assert_int_equal(finish(f), 0);
	text = printed(f);
	assert_non_null(strstr(text, "\nOf 1 cells against native 1 is slower, 0 faster, 0 the "
	                             "same within 1 %, 0 undecided. 1 more"));
	assert_non_null(strstr(text, "Farthest from native: memcpy on nosev, 2 times as long ["));
	assert_non_null(strstr(text, "'sevbench compare'"));
	free(text);
	compare_free(&f->compare);
}

static void passes_no_verdict_on_what_is_emulated(void **state)
{
	struct fixture *f = *state;
	struct synth row = guest();
	char *text;

	row.accel = "tcg";
	put(f->out, synth_default, ROUNDS(100, 101, 99));
	put(f->out, row, ROUNDS(2000, 2010, 1990));
	assert_int_equal(finish(f), 0);
	text = printed(f);
	assert_non_null(strstr(text, "No verdict is passed on any of 1 cells"));
	assert_null(strstr(text, "slower"));
	assert_null(strstr(text, "Farthest"));
	free(text);
	compare_free(&f->compare);
}

static void has_nothing_to_say_of_one_platform(void **state)
{
	struct fixture *f = *state;
	char *text;

	put(f->out, synth_default, ROUNDS(100, 101, 99));
	assert_int_equal(finish(f), 0);
	text = printed(f);
	assert_string_equal(text,
	                    "\nOnly one platform was measured: there is nothing to compare.\n");
	free(text);
	compare_free(&f->compare);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(says_how_many_and_what_is_farthest),
	        T(passes_no_verdict_on_what_is_emulated),
	        T(has_nothing_to_say_of_one_platform),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
