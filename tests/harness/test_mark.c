/* SPDX-License-Identifier: MIT */
#include "harness/mark.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/cmocka.h"

static void the_descriptor_comes_from_the_variable(void **state)
{
	static const char *const bad[] = {"", "x", "-1", "3x", "99999"};

	(void)state;
	unsetenv(MARK_VARIABLE);
	assert_int_equal(mark_open(), -1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setenv(MARK_VARIABLE, bad[i], 1);
		assert_int_equal(mark_open(), -1);
	}
	setenv(MARK_VARIABLE, "3", 1);
	assert_int_equal(mark_open(), 3);
	unsetenv(MARK_VARIABLE);
}

static void a_line_is_sent_and_answered(void **state)
{
	char text[16] = "", line[2000];
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(write(ends[1], "G", 1), 1);
	assert_int_equal(mark_send(ends[0], "begin"), 0);
	assert_int_equal(read(ends[1], text, sizeof(text)), 6);
	assert_string_equal(text, "begin\n");
	/* A line that is too long is cut, not split. */
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(write(ends[1], "G", 1), 1);
	assert_int_equal(mark_send(ends[0], line), 0);
	assert_int_equal(read(ends[1], line, sizeof(line)), 1024);
	assert_int_equal(line[1023], '\n');
	/* Nobody there any more: an error, no signal. */
	close(ends[1]);
	assert_int_equal(mark_send(ends[0], "begin"), -EPIPE);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_descriptor_comes_from_the_variable),
	        cmocka_unit_test(a_line_is_sent_and_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
