/* SPDX-License-Identifier: MIT */
#include "harness/err.h"

#include <errno.h>

#include "tests/cmocka.h"

static void test_sentence_and_value(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(err_set(&e, EINVAL, "no CPU %d", 7), -EINVAL);
	assert_string_equal(e.text, "no CPU 7");
	assert_int_equal(err_wrap(&e, -ENOTSUP, "--cpu %s", "7"), -ENOTSUP);
	assert_string_equal(e.text, "--cpu 7: no CPU 7");
	assert_int_equal(err_set(NULL, EPERM, "nobody listens"), -EPERM);
	assert_int_equal(err_wrap(NULL, -1, "nobody listens"), -1);
}

static void test_errno(void **state)
{
	struct err e;

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&e, "cannot open %s", "x"), -ENOENT);
	assert_string_equal(e.text, "cannot open x: No such file or directory");
	errno = 0;
	assert_int_equal(err_errno(&e, "it failed"), -EIO);
}

static void test_long_texts_are_cut_visibly(void **state)
{
	char much[3000];
	struct err e;

	(void)state;
	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	err_set(&e, EINVAL, "%s", much);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
	assert_string_equal(e.text + sizeof(e.text) - 4, "...");
	err_wrap(&e, 0, "context");
	assert_memory_equal(e.text, "context: xxx", 12);
	assert_string_equal(e.text + sizeof(e.text) - 4, "...");
}

/* Other programs' words come with line breaks and colours. */
static void test_quoted_words_stay_in_the_line(void **state)
{
	struct err e;

	(void)state;
	err_set(&e, EIO, "QEMU said: %s", "one\r\n\ttwo \033[31mred\n\n");
	assert_string_equal(e.text, "QEMU said: one   two  [31mred");
	err_wrap(&e, -EIO, "a\nn\351me");
	assert_string_equal(e.text, "a n?me: QEMU said: one   two  [31mred");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_quoted_words_stay_in_the_line),
	        cmocka_unit_test(test_sentence_and_value),
	        cmocka_unit_test(test_errno),
	        cmocka_unit_test(test_long_texts_are_cut_visibly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
