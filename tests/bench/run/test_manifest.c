/* SPDX-License-Identifier: MIT */
#include "bench/run/manifest.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/cmocka.h"

static char directory[] = "/tmp/manifest-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

static const char *in_directory(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void test_what_is_written_can_be_read(void **state)
{
	struct err e = {""};
	json_t *one = json_pack("{s:i}", "launches", 1), *two = json_pack("{s:i}", "launches", 2);
	json_t *read;

	(void)state;
	assert_int_equal(manifest_write(directory, one, &e), 0);
	assert_int_equal(manifest_write(directory, two, &e), 0); /* replaces the first */
	read = json_load_file(in_directory("manifest.json"), 0, NULL);
	assert_true(json_equal(read, two));
	assert_int_not_equal(access(in_directory("manifest.json.partial"), F_OK), 0);
	json_decref(one);
	json_decref(two);
	json_decref(read);
	assert_int_equal(unlink(in_directory("manifest.json")), 0);
}

/* No file was tried, so no file is missing, whatever errno says of something earlier. */
static void test_no_manifest_is_no_missing_file(void **state)
{
	struct err e = {""};

	(void)state;
	errno = ENOENT;
	assert_int_equal(manifest_write(directory, NULL, &e), -ENOMEM);
	assert_null(strstr(e.text, "No such file"));
	assert_int_not_equal(access(in_directory("manifest.json"), F_OK), 0);
}

static void test_a_file_that_cannot_be_written_is_named(void **state)
{
	struct err e = {""};
	json_t *manifest = json_object();

	(void)state;
	assert_int_equal(manifest_write("/nonexistent", manifest, &e), -ENOENT);
	assert_says(e, "/nonexistent/manifest.json");
	json_decref(manifest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_what_is_written_can_be_read),
	        cmocka_unit_test(test_no_manifest_is_no_missing_file),
	        cmocka_unit_test(test_a_file_that_cannot_be_written_is_named),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
