/* SPDX-License-Identifier: MIT */
#include "vmrun/system/home.h"

#include <errno.h>
#include <unistd.h>

#include "tests/cmocka.h"

static void test_finds_what_lies_beside_the_tests(void **state)
{
	char path[PATH_MAX];
	char self[PATH_MAX];
	struct err e;
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	(void)state;
	assert_true(length > 0);
	self[length] = '\0';
	/* .../tests/vmrun/system/test_home: once from vmrun/, once from the folder above tests/. */
	assert_int_equal(home_find("system/test_home", path, &e), 0);
	assert_string_equal(path, self);
	assert_int_equal(home_find("tests/vmrun/system/test_home", path, &e), 0);
	assert_string_equal(path, self);
}

static void test_names_the_place_that_is_empty(void **state)
{
	char path[PATH_MAX];
	struct err e;

	(void)state;
	assert_int_equal(home_find("no/such/thing", path, &e), -ENOENT);
	assert_says(e, "/no/such/thing does not exist");
	assert_int_equal(e.text[0], '/');
}

static void test_too_long(void **state)
{
	char path[PATH_MAX];
	char name[PATH_MAX];
	struct err e;

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(home_find(name, path, &e), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_finds_what_lies_beside_the_tests),
	        cmocka_unit_test(test_names_the_place_that_is_empty),
	        cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests_name("home", tests, NULL, NULL);
}
