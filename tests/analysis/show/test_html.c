/* SPDX-License-Identifier: MIT */
#include "analysis/show/html.h"

#include <errno.h>
#include <string.h>

#include "tests/cmocka.h"

static void a_picture_that_is_missing_is_named(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(html_picture(stderr, "/nonexistent.svg", "", "", &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nonexistent.svg"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_picture_that_is_missing_is_named)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
