/* SPDX-License-Identifier: MIT */
#include "vmrun/system/digest.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"

static void check(const char *content, size_t repeat, const char *expected)
{
	char path[] = "/tmp/test_digest-XXXXXX", text[DIGEST_TEXT];
	FILE *file = fdopen(mkstemp(path), "w");
	struct err e;

	assert_non_null(file);
	while (repeat-- > 0)
		fputs(content, file);
	fclose(file);
	assert_int_equal(digest_file(path, text, &e), 0);
	assert_string_equal(text, expected);
	unlink(path);
}

/* The examples of FIPS 180-2, appendix B, and the empty file. */
static void test_known(void **state)
{
	(void)state;
	check("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	check("a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	check("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_unreadable(void **state)
{
	char text[DIGEST_TEXT];
	struct err e;

	(void)state;
	assert_int_equal(digest_file("/no/such", text, &e), -ENOENT);
	assert_says(e, "/no/such");
	assert_int_equal(digest_file("/tmp", text, &e), -EISDIR);
}

/* What may never end, or whose open may not return. */
static void test_no_file(void **state)
{
	char directory[] = "/tmp/test_digest-XXXXXX", path[64], text[DIGEST_TEXT];
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/pipe", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(digest_file(path, text, &e), -EINVAL);
	assert_says(e, "is no file");
	assert_int_equal(digest_file("/dev/zero", text, &e), -EINVAL);
	unlink(path);
	rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_known),
	        cmocka_unit_test(test_unreadable),
	        cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
