/* SPDX-License-Identifier: MIT */
#include "harness/program.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"

/* A stranger's results may hold a program, and be where somebody stands. */
static void test_relative_elements_are_passed_over(void **state)
{
	char directory[] = "/tmp/test_program.XXXXXX", own[64], path[PATH_MAX];

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(own, sizeof(own), "%s/sh", directory);
	assert_int_equal(mknod(own, S_IFREG | 0755, 0), 0);
	assert_int_equal(chdir(directory), 0);
	for (int i = 0; i < 4; i++) {
		setenv("PATH",
		       (const char *[]){":/usr/bin:/bin", ".:/usr/bin:/bin",
		                        "/usr/bin:/bin:", "../:/usr/bin:/bin"}[i],
		       1);
		assert_true(program_find("sh", path));
		assert_string_not_equal(path, own);
		assert_int_equal(path[0], '/');
	}
	setenv("PATH", ":.:..", 1);
	assert_false(program_find("sh", path));
	setenv("PATH", directory, 1);
	assert_true(program_find("sh", path));
	assert_string_equal(path, own);
	assert_int_equal(chmod(own, 0644), 0);
	assert_false(program_find("sh", path));
	assert_int_equal(unlink(own), 0);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_relative_elements_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
