/* SPDX-License-Identifier: MIT */
#include "analysis/read/json_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"

static char folder[] = "/tmp/json_file-XXXXXX", path[64];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/manifest.json", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static void write_text(const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void expect_refused(const char *needle)
{
	struct err e = {""};
	json_t *object;

	assert_int_equal(json_file_read(path, &object, &e), -EINVAL);
	assert_null(object);
	assert_says(e, path);
	assert_says(e, needle);
	unlink(path);
}

static void test_an_object_is_read(void **state)
{
	struct err e = {""};
	json_t *object;

	(void)state;
	assert_int_equal(json_file_read(path, &object, &e), -ENOENT);
	write_text("{\"rows\": 3}");
	assert_int_equal(json_file_read(path, &object, &e), 0);
	assert_int_equal(json_integer_value(json_object_get(object, "rows")), 3);
	json_decref(object);
	unlink(path);
}

static void test_what_is_no_object(void **state)
{
	(void)state;
	write_text("[]");
	expect_refused("no JSON object");
	write_text("");
	expect_refused("line 1");
	write_text("{\n\"rows\": 3");
	expect_refused("line 2");
}

/* What jansson reads: deep enough to be no file of ours, and to make a manifest that holds it
 * unreadable. */
static void test_what_is_too_deep_or_too_long(void **state)
{
	char text[2 * 2047 + 16] = "{\"a\": ";

	(void)state;
	memset(text + 6, '[', 2046);
	memset(text + 6 + 2046, ']', 2046);
	strcat(text, "}");
	write_text(text);
	expect_refused("in one another");
	write_text("{\"tsc_hz\": 1e300}");
	expect_refused("a number beyond 1e18");
	write_text("{}");
	assert_int_equal(truncate(path, JSON_FILE_MAX + 1), 0);
	expect_refused("has more than 67108864 bytes");
}

/* With nobody at the other end, opening a pipe as usual would wait for ever. */
static void test_a_pipe_is_not_waited_for(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(20);
	expect_refused("no regular file");
	alarm(0);
	assert_int_equal(mkdir(path, 0700), 0);
	{
		struct err e = {""};
		json_t *object;

		assert_int_equal(json_file_read(path, &object, &e), -EINVAL);
	}
	rmdir(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_an_object_is_read),
	        cmocka_unit_test(test_what_is_no_object),
	        cmocka_unit_test(test_what_is_too_deep_or_too_long),
	        cmocka_unit_test(test_a_pipe_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
