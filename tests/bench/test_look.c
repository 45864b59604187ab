/* SPDX-License-Identifier: MIT */
#include "bench/look.h"

#include "tests/cmocka.h"

/* Ten seconds are kept by what went before, however slow the machine and the kernel are. */
static void test_time_is_kept(void **state)
{
	struct look look = {0};

	(void)state;
	look_begin(&look, &(struct result_origin){.accel = ACCEL_NONE},
	           &(struct cell){.kernel = &(struct kernel){.name = "a", .summary = "b"},
	                          .variant = &(struct variant){.name = "c"},
	                          .threads = 1},
	           1);
	assert_true(look_goes_on(&look)); /* the first in any case */
	look.began -= 3;
	look.cell_began -= 3;
	assert_true(look_goes_on(&look)); /* three and as many more */
	look.began -= 3;
	assert_false(look_goes_on(&look)); /* six and three, which the longest took */
	assert_false(look_goes_on(&look)); /* nor a short one, in the middle of what is left out */
	assert_int_equal(look.left_out, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_time_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
