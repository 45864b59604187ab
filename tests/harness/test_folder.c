/* SPDX-License-Identifier: MIT */
#include "harness/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"

/* What is behind a link is somebody else's. */
static void test_all_of_it_goes_and_nothing_else(void **state)
{
	char top[] = "/tmp/folder-XXXXXX", path[64], inside[80], other[64];

	(void)state;
	assert_non_null(mkdtemp(top));
	snprintf(other, sizeof(other), "%s/other", top);
	snprintf(path, sizeof(path), "%s/run", top);
	snprintf(inside, sizeof(inside), "%s/logs", path);
	assert_int_equal(mkdir(other, 0700), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(mkdir(inside, 0700), 0);
	snprintf(inside, sizeof(inside), "%s/logs/native.log", path);
	assert_int_equal(mknod(inside, S_IFREG | 0600, 0), 0);
	snprintf(inside, sizeof(inside), "%s/.journal", path);
	assert_int_equal(mknod(inside, S_IFREG | 0600, 0), 0);
	snprintf(inside, sizeof(inside), "%s/link", path);
	assert_int_equal(symlink(other, inside), 0);
	folder_remove(path);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(rmdir(other), 0);
	folder_remove(path); /* nothing is there: no harm */
	assert_int_equal(rmdir(top), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_all_of_it_goes_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
