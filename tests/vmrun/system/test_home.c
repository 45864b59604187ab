/* SPDX-License-Identifier: MIT */
#include "vmrun/system/home.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.h"

#define LINKER "/lib64/ld-linux-x86-64.so.2"

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

/* Started by itself it has no linker to start others by; started by the linker's name, that one. */
static void test_knows_the_linker_that_started_it(void **state)
{
	char self[PATH_MAX], path[PATH_MAX], linker[] = LINKER, word[] = "linker";
	char *argv[] = {linker, self, word, NULL};
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int status = -1;
	pid_t child;

	(void)state;
	assert_true(length > 0);
	self[length] = '\0';
	assert_false(home_linker(path));
	assert_int_equal(posix_spawn(&child, LINKER, NULL, NULL, argv, environ), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* For the test above. */
static int started_by_linker(void)
{
	char path[PATH_MAX], wanted[PATH_MAX];

	return home_linker(path) && realpath(LINKER, wanted) && !strcmp(path, wanted) ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_finds_what_lies_beside_the_tests),
	        cmocka_unit_test(test_names_the_place_that_is_empty),
	        cmocka_unit_test(test_too_long),
	        cmocka_unit_test(test_knows_the_linker_that_started_it),
	};

	if (argc > 1 && !strcmp(argv[1], "linker"))
		return started_by_linker();
	return cmocka_run_group_tests_name("home", tests, NULL, NULL);
}
