/* SPDX-License-Identifier: MIT */
#include "bench/cmd/show.h"

#include "tests/cmocka.h"

/* Nothing is said of a native column that is not there. */
static void a_native_column_is_one_that_was_measured(void **state)
{
	struct summary_row rows[] = {{.platform = PLATFORM_NOSEV, .rounds = 1},
	                             {.platform = PLATFORM_NATIVE, .rounds = 0}};
	struct summary summary = {.rows = rows, .count = 2};

	(void)state;
	assert_false(show_native(&summary));
	rows[1].rounds = 3;
	assert_true(show_native(&summary));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_native_column_is_one_that_was_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
