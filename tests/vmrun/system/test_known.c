/* SPDX-License-Identifier: MIT */
#include "vmrun/system/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"

#define SETTLE_US 150000

static char path[] = "/tmp/test_known.XXXXXX";

static void write_text(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void assert_answer(const char *question, const char *expected)
{
	struct known known;
	char *answer = known_find(&known, question, path);

	if (expected)
		assert_string_equal(answer, expected);
	else
		assert_null(answer);
	free(answer);
}

static void keep(const char *question, const char *answer)
{
	struct known known;

	free(known_find(&known, question, path));
	known_keep(&known, answer);
}

static void test_answers_of_a_file(void **state)
{
	(void)state;
	write_text("one");
	usleep(SETTLE_US);
	assert_answer("version", NULL);
	keep("version", "7.2");
	keep("objects", "sev-guest");
	assert_answer("version", "7.2");
	assert_answer("objects", "sev-guest");
	assert_answer("other", NULL);
}

/* Other bytes of the same length, another file under the same name, another answer. */
static void test_a_file_that_changes(void **state)
{
	(void)state;
	write_text("one");
	usleep(SETTLE_US);
	keep("version", "7.2");
	write_text("two");
	assert_answer("version", NULL);
	usleep(SETTLE_US);
	keep("version", "9.1");
	assert_answer("version", "9.1");
	unlink(path);
	assert_answer("version", NULL);
	keep("version", "none");
	assert_answer("version", NULL);
	write_text("two");
	assert_answer("version", NULL);
}

/* It may change again within the same tick of Linux's clock. */
static void test_a_file_that_has_just_changed(void **state)
{
	(void)state;
	write_text("new");
	keep("fresh", "answer");
	assert_answer("fresh", NULL);
}

/* Nor does it help to ask for long: what changed behind the look at its times may be older now. */
static void test_a_question_that_takes_long(void **state)
{
	struct known known;

	(void)state;
	write_text("one");
	free(known_find(&known, "slow", path));
	usleep(SETTLE_US);
	known_keep(&known, "one");
	assert_answer("slow", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_answers_of_a_file),
	        cmocka_unit_test(test_a_file_that_changes),
	        cmocka_unit_test(test_a_file_that_has_just_changed),
	        cmocka_unit_test(test_a_question_that_takes_long),
	};
	int fd = mkstemp(path), failed;

	if (fd < 0)
		return 1;
	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
