/* SPDX-License-Identifier: MIT */
#include "analysis/show/html.h"

#include <errno.h>
#include <string.h>

#include "tests/cmocka.h"

static void a_picture_that_is_missing_is_named(void **state)
{
	struct folder folder;
	struct err e;

	(void)state;
	assert_int_equal(folder_open("/tmp", &folder, &e), 0);
	assert_int_equal(html_picture(stderr, &folder, "nonexistent.svg", "", "", &e), -ENOENT);
	assert_non_null(strstr(e.text, "/tmp/nonexistent.svg"));
	folder_close(&folder, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_picture_that_is_missing_is_named)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
