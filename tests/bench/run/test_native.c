/* SPDX-License-Identifier: MIT */
#include "bench/run/native.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/cmocka.h"

struct seen {
	char text[4096];
	size_t length;
	int answer; /* what the callback returns */
};

static volatile sig_atomic_t stop;

static int take(void *context, const void *bytes, size_t length, struct err *e)
{
	struct seen *seen = context;

	if (seen->answer)
		return err_set(e, -seen->answer, "told to fail");
	if (length > sizeof(seen->text) - 1 - seen->length)
		length = sizeof(seen->text) - 1 - seen->length;
	memcpy(seen->text + seen->length, bytes, length);
	seen->length += length;
	return 0;
}

static int run(const char *script, unsigned seconds, struct seen *seen, enum vm_job_end *how,
               int *code, struct err *e)
{
	char *argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)script, NULL};
	int null = open("/dev/null", O_WRONLY);
	int rc = native_run(argv, seconds, null, &stop, take, seen, how, code, e);

	close(null);
	return rc;
}

static void test_output_and_status(void **state)
{
	struct seen seen = {.length = 0};
	struct err e = {""};
	enum vm_job_end how;
	int code;

	(void)state;
	assert_int_equal(run("echo hello; echo not this >&2; exit 77", 0, &seen, &how, &code, &e),
	                 0);
	assert_int_equal(how, VM_JOB_EXITED);
	assert_int_equal(code, 77);
	assert_string_equal(seen.text, "hello\n");
}

static void test_standard_input_is_empty(void **state)
{
	struct seen seen = {.length = 0};
	struct err e = {""};
	enum vm_job_end how;
	int code;

	(void)state;
	assert_int_equal(run("cat; echo end", 5, &seen, &how, &code, &e), 0);
	assert_string_equal(seen.text, "end\n");
}

static void test_signal(void **state)
{
	struct seen seen = {.length = 0};
	struct err e = {""};
	enum vm_job_end how;
	int code;

	(void)state;
	assert_int_equal(run("echo before; kill -SEGV $$", 5, &seen, &how, &code, &e), 0);
	assert_int_equal(how, VM_JOB_SIGNALLED);
	assert_int_equal(code, SIGSEGV);
	assert_string_equal(seen.text, "before\n");
}

/* No process of the group may be left; the marker makes its command line unique. */
static int alive(const char *marker)
{
	char command[128];

	snprintf(command, sizeof(command), "grep -lsaz '^%s$' /proc/[0-9]*/cmdline >/dev/null",
	         marker);
	return system(command) == 0;
}

/* A killed process that init reaps may take a moment to go. */
static int gone(const char *marker)
{
	for (int i = 0; i < 100 && alive(marker); i++)
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	return !alive(marker);
}

static void test_deadline_kills_the_whole_group(void **state)
{
	struct seen seen = {.length = 0};
	struct err e = {""};
	enum vm_job_end how;
	int code;

	(void)state;
	assert_int_equal(run("echo before; sleep 4321.5 & sleep 4321.5", 1, &seen, &how, &code, &e),
	                 0);
	assert_int_equal(how, VM_JOB_TIMED_OUT);
	assert_string_equal(seen.text, "before\n");
	assert_true(gone("4321.5"));
}

static void test_closed_output_is_not_the_end(void **state)
{
	struct seen seen = {.length = 0};
	struct err e = {""};
	enum vm_job_end how;
	int code;

	(void)state;
	assert_int_equal(run("exec >&-; sleep 4322.5", 1, &seen, &how, &code, &e), 0);
	assert_int_equal(how, VM_JOB_TIMED_OUT);
	assert_true(gone("4322.5"));
}

static void test_interruption(void **state)
{
	struct seen seen = {.length = 0};
	struct err e = {""};
	enum vm_job_end how;
	int code;

	(void)state;
	stop = 1;
	assert_int_equal(run("sleep 4323.5", 0, &seen, &how, &code, &e), -EINTR);
	stop = 0;
	assert_true(gone("4323.5"));
}

static void test_failing_callback_ends_it(void **state)
{
	struct seen seen = {.answer = -ENOSPC};
	struct err e = {""};
	enum vm_job_end how;
	int code;

	(void)state;
	assert_int_equal(run("echo x; sleep 4324.5", 0, &seen, &how, &code, &e), -ENOSPC);
	assert_says(e, "told to fail");
	assert_true(gone("4324.5"));
}

static void test_program_that_is_not_there(void **state)
{
	char *argv[] = {(char *)"/nonexistent", NULL};
	struct seen seen = {.length = 0};
	struct err e = {""};
	enum vm_job_end how;
	int code;

	(void)state;
	assert_int_equal(native_run(argv, 5, 2, &stop, take, &seen, &how, &code, &e), 0);
	assert_int_equal(how, VM_JOB_EXITED);
	assert_int_equal(code, 127);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_output_and_status),
	        cmocka_unit_test(test_standard_input_is_empty),
	        cmocka_unit_test(test_signal),
	        cmocka_unit_test(test_deadline_kills_the_whole_group),
	        cmocka_unit_test(test_closed_output_is_not_the_end),
	        cmocka_unit_test(test_interruption),
	        cmocka_unit_test(test_failing_callback_ends_it),
	        cmocka_unit_test(test_program_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
