/* SPDX-License-Identifier: MIT */
#include "harness/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.h"

/* In a process without the descriptors of the bits: 0 where it goes as it should, else a line. */
static int without(unsigned closed)
{
	char byte = 0;
	int next;

	for (int fd = 0; fd <= 2; fd++) {
		if (closed >> fd & 1)
			close(fd);
	}
	if (standard_open())
		return __LINE__;
	next = open("/dev/null", O_RDWR);
	if (next <= 2)
		return __LINE__;
	close(next);
	if (closed & 1 && (read(0, &byte, 1) != -1 || errno != EBADF))
		return __LINE__;
	for (int fd = 1; fd <= 2; fd++) {
		if (closed >> fd & 1 && (write(fd, &byte, 1) != -1 || errno != EBADF))
			return __LINE__;
	}
	return 0;
}

static void test_every_set(void **state)
{
	(void)state;
	for (unsigned closed = 0; closed < 8; closed++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			_exit(without(closed));
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
}

/* The end of a process that prints `bytes` to `path`: its exit status. */
static int end_with_output(const char *path, int bytes)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (!freopen(path, "w", stdout) || !freopen("/dev/null", "w", stderr) ||
		    standard_open())
			_exit(99);
		printf("%*s", bytes, "");
		exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Byte by byte or at once, whatever prints it. */
static void test_what_is_printed_is_clean(void **state)
{
	static const char said[] = "\033]0;x\a caf\303\251 \302\233 \342\200\256\n";
	static const char wanted[] = "?]0;x? caf\303\251 ?? ???\n";
	char got[sizeof(wanted) * 3] = "";
	size_t fill = 0;
	int ends[2], status;
	ssize_t n;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		if (dup2(ends[1], 1) < 0 || dup2(ends[1], 2) < 0 || standard_open())
			_exit(99);
		fputs(said, stderr);
		for (const char *c = said; *c; c++)
			putc(*c, stderr);
		printf("%s%s", said, "\303");
		exit(standard_descriptor(stdout) != 1 || standard_descriptor(stderr) != 2);
	}
	close(ends[1]);
	while ((n = read(ends[0], got + fill, sizeof(got) - 1 - fill)) > 0)
		fill += (size_t)n;
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	for (int i = 0; i < 3; i++)
		assert_memory_equal(got + (size_t)i * (sizeof(wanted) - 1), wanted,
		                    sizeof(wanted) - 1);
	assert_string_equal(got + 3 * (sizeof(wanted) - 1), "?");
}

/* More than a buffer is lost before the end, less than one at the end. */
static void test_lost_output_fails(void **state)
{
	(void)state;
	assert_int_equal(end_with_output("/dev/full", 0), 0);
	assert_int_equal(end_with_output("/dev/full", 1), 1);
	assert_int_equal(end_with_output("/dev/full", 100000), 1);
	assert_int_equal(end_with_output("/dev/null", 100000), 0);
}

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

static int end_of(int number)
{
	caught = 0;
	raise(number);
	return caught;
}

static void test_children_have_a_status(void **state)
{
	pid_t child;
	int status;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(standard_open(), 0);
	child = fork();
	if (child == 0)
		_exit(3);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 3);
}

static void test_signals(void **state)
{
	(void)state;
	standard_catch(on_signal);
	assert_int_equal(end_of(SIGINT), SIGINT);
	assert_int_equal(end_of(SIGTERM), SIGTERM);
	assert_int_equal(end_of(SIGHUP), SIGHUP);
	assert_int_equal(end_of(SIGPIPE), 0);
	/* As nohup starts programs; and as shells start those in the background of a script. */
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	standard_catch(on_signal);
	assert_int_equal(end_of(SIGHUP), 0);
	assert_int_equal(end_of(SIGINT), SIGINT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_set),
	        cmocka_unit_test(test_what_is_printed_is_clean),
	        cmocka_unit_test(test_lost_output_fails),
	        cmocka_unit_test(test_children_have_a_status),
	        cmocka_unit_test(test_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
