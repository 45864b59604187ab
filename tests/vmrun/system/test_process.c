/* SPDX-License-Identifier: MIT */
#include "vmrun/system/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "vmrun/system/deadline.h"

static int run_shell(const char *script, double seconds, char **text, struct err *e)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *argv[] = {shell, option, (char *)script, NULL};

	return process_capture(argv, seconds, text, e);
}

static void start_shell(const char *script, struct process *process)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *argv[] = {shell, option, (char *)script, NULL};
	struct process_spec spec = {.argv = argv, .output = STDERR_FILENO};
	struct err e;

	assert_int_equal(process_start(&spec, process, &e), 0);
}

/* Start a script whose first act is to say that it is ready. */
static void start_ready(const char *script, struct process *process)
{
	char shell[] = "/bin/sh", option[] = "-c", byte;
	char *argv[] = {shell, option, (char *)script, NULL};
	struct process_spec spec = {.argv = argv};
	struct err e;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	spec.output = fds[1];
	assert_int_equal(process_start(&spec, process, &e), 0);
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
}

/* A QEMU may be a script that has started others: they hold its output open while they live. */
static void test_what_it_started_ends_with_it(void **state)
{
	static const char *const scripts[] = {"echo; sleep 60 & wait", "echo; sleep 60 &"};
	char shell[] = "/bin/sh", option[] = "-c";

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		char *argv[] = {shell, option, (char *)scripts[i], NULL}, byte;
		struct process_spec spec = {.argv = argv};
		struct process process;
		struct pollfd end;
		struct err e;
		int fds[2], status;

		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		spec.output = fds[1];
		assert_int_equal(process_start(&spec, &process, &e), 0);
		close(fds[1]);
		assert_int_equal(read(fds[0], &byte, 1), 1);
		assert_int_equal(process_stop(&process, 5, &status, &e), 0);
		end = (struct pollfd){.fd = fds[0], .events = POLLIN};
		assert_int_equal(poll(&end, 1, 10000), 1);
		assert_int_equal(read(fds[0], &byte, 1), 0);
		close(fds[0]);
	}
}

static void no_children(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_find(void **state)
{
	char path[PATH_MAX];
	struct err e;

	(void)state;
	assert_int_equal(process_find("sh", path, &e), 0);
	assert_int_equal(path[0], '/');
	assert_int_equal(process_find("/bin/sh", path, &e), 0);
	assert_int_equal(chdir("/usr"), 0);
	/* What is here may be anybody's. */
	setenv("PATH", "no/such:bin::.", 1);
	assert_int_equal(process_find("env", path, &e), -ENOENT);
	setenv("PATH", "/usr/bin:/bin", 1);
	assert_int_equal(process_find("no-such-program", path, &e), -ENOENT);
	assert_string_equal(e.text, "no program no-such-program in PATH");
	assert_int_equal(process_find("/etc/passwd", path, &e), -ENOENT);
	assert_int_equal(process_find("/tmp", path, &e), -ENOENT);
	assert_int_equal(process_find("", path, &e), -ENOENT);
}

static void test_capture(void **state)
{
	struct err e;
	char *text;

	(void)state;
	assert_int_equal(run_shell("echo out; echo err >&2; cat", 10, &text, &e), 0);
	assert_string_equal(text, "out\nerr\n");
	free(text);
	assert_int_equal(run_shell("echo why; exit 3", 10, &text, &e), -EIO);
	assert_non_null(strstr(e.text, "exited with status 3: why"));
	assert_null(text);
	assert_int_equal(run_shell("kill -SEGV $$", 10, &text, &e), -EIO);
	assert_non_null(strstr(e.text, "signal 11"));
	no_children();
}

static void test_capture_is_bounded(void **state)
{
	double start = deadline_now();
	struct err e;
	char *text;

	(void)state;
	assert_int_equal(run_shell("trap '' TERM; sleep 60", 0.3, &text, &e), -ETIMEDOUT);
	assert_true(deadline_now() - start < 5);
	/* A grandchild that keeps the output open does not keep us either. */
	assert_int_equal(run_shell("sleep 2 & exit 0", 0.3, &text, &e), -ETIMEDOUT);
	assert_int_equal(run_shell("head -c 1000000 /dev/zero | tr '\\0' x", 10, &text, &e), 0);
	assert_int_equal(strlen(text), 65535);
	free(text);
	no_children();
}

/* Callers tell by the text whether there is one. */
static void test_capture_without_descriptors(void **state)
{
	struct rlimit before, few = {0};
	char marker, *text = &marker;
	struct err e;
	int rc;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	rc = run_shell("echo out", 10, &text, &e);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(rc, -ENOMEM);
	assert_null(text);
}

static void on_alarm(int number)
{
	(void)number;
}

/* A signal in the middle must not turn a bounded wait into one without end. */
static void test_capture_goes_on_after_a_signal(void **state)
{
	const struct itimerval soon = {.it_value = {.tv_usec = 100000}};
	struct sigaction action = {.sa_handler = on_alarm}, before;
	double start = deadline_now();
	struct err e;
	char *text;

	(void)state;
	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &soon, NULL);
	assert_int_equal(run_shell("sleep 4", 0.5, &text, &e), -ETIMEDOUT);
	assert_true(deadline_now() - start < 3);
	sigaction(SIGALRM, &before, NULL);
	no_children();
}

static void test_exec_that_fails(void **state)
{
	char path[] = "/etc/passwd";
	char *argv[] = {path, NULL};
	struct process_spec spec = {.argv = argv, .output = STDERR_FILENO};
	struct process process;
	struct err e;

	(void)state;
	assert_int_equal(process_start(&spec, &process, &e), -EACCES);
	assert_string_equal(e.text, "cannot execute /etc/passwd: Permission denied");
	assert_int_equal(process.pid, 0);
	no_children();
}

static void test_wait_and_stop(void **state)
{
	struct process process;
	struct err e;
	char text[64];
	int status;

	(void)state;
	start_shell("exec sleep 60", &process);
	assert_int_equal(process_wait(&process, 0.05, &status), 0);
	assert_int_equal(process_stop(&process, 5, &status, &e), 0);
	process_status_text(status, text, sizeof(text));
	assert_string_equal(text, "was killed by signal 15 (Terminated)");
	/* Again is harmless. */
	assert_int_equal(process_stop(&process, 5, &status, &e), 0);
	start_shell("exit 7", &process);
	assert_int_equal(process_wait(&process, 10, &status), 1);
	process_status_text(status, text, sizeof(text));
	assert_string_equal(text, "exited with status 7");
	no_children();
}

static void test_stop_what_will_not_stop(void **state)
{
	struct process process;
	struct err e;
	int status;

	(void)state;
	start_ready("trap '' TERM; echo; while :; do sleep 1; done", &process);
	assert_int_equal(process_stop(&process, 0.2, &status, &e), 0);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	start_shell("exec sleep 60", &process);
	kill(process.pid, SIGSTOP);
	assert_int_equal(waitpid(process.pid, NULL, WUNTRACED), process.pid);
	assert_int_equal(process_stop(&process, 0.2, &status, &e), 0);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	no_children();
}

static void test_what_the_child_is_given(void **state)
{
	char script[] = "test $(ls /proc/self/fd | wc -l) -le 4 && test $(cat | wc -c) = 0 && "
	                "test $(ps -o pgid= $$) = $$ && test $(ps -o sid= $$) = $$ && "
	                "grep -q 'THP_enabled:.*0' /proc/self/status";
	char shell[] = "/bin/sh", option[] = "-c";
	char *argv[] = {shell, option, script, NULL};
	struct process_spec spec = {.argv = argv, .output = STDERR_FILENO, .no_thp = true};
	struct process process;
	struct err e;
	int status, leak = open("/dev/null", O_RDONLY); /* not close-on-exec */

	(void)state;
	assert_int_equal(process_start(&spec, &process, &e), 0);
	assert_int_equal(process_wait(&process, 10, &status), 1);
	assert_int_equal(status, 0);
	close(leak);
}

static void test_surroundings_of_its_own(void **state)
{
	char script[] = "test \"$GIVEN\" = word && test -z \"$KEPT\" && test $(ulimit -c) = 0";
	char shell[] = "/bin/sh", option[] = "-c", given[] = "GIVEN=word";
	char *argv[] = {shell, option, script, NULL}, *environment[] = {given, NULL};
	struct process_spec spec = {.argv = argv,
	                            .environment = environment,
	                            .directory = "/",
	                            .output = STDERR_FILENO};
	struct rlimit limit;
	struct process process;
	struct err e;
	int status;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_CORE, &limit), 0);
	setenv("KEPT", "secret", 1);
	assert_int_equal(process_start(&spec, &process, &e), 0);
	unsetenv("KEPT");
	assert_int_equal(process_wait(&process, 10, &status), 1);
	assert_int_equal(status, 0);
}

/* The middle process starts a child and is killed: the child must go with it. */
static void test_dies_with_its_parent(void **state)
{
	int fds[2];
	pid_t middle, child = 0;
	struct deadline deadline = deadline_in(5);

	(void)state;
	assert_int_equal(pipe(fds), 0);
	middle = fork();
	if (middle == 0) {
		struct process process;

		start_shell("exec sleep 60", &process);
		if (write(fds[1], &process.pid, sizeof(process.pid)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	/* Orphans come to us, so that we see the end. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	assert_int_equal(read(fds[0], &child, sizeof(child)), sizeof(child));
	assert_true(child > 0);
	kill(middle, SIGKILL);
	assert_int_equal(waitpid(middle, NULL, 0), middle);
	while (waitpid(child, NULL, WNOHANG) == 0 && deadline_left(&deadline) > 0)
		usleep(1000);
	assert_int_equal(kill(child, 0), -1);
	assert_int_equal(errno, ESRCH);
	close(fds[0]);
	close(fds[1]);
}

static void test_a_thousand_leave_nothing(void **state)
{
	char path[] = "/bin/true";
	char *argv[] = {path, NULL};
	struct process_spec spec = {.argv = argv, .output = STDERR_FILENO};
	int before = dup(0), after, status;

	(void)state;
	close(before);
	for (int i = 0; i < 1000; i++) {
		struct process process;
		struct err e;

		assert_int_equal(process_start(&spec, &process, &e), 0);
		assert_int_equal(process_wait(&process, 10, &status), 1);
	}
	after = dup(0);
	close(after);
	assert_int_equal(before, after);
	no_children();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_what_it_started_ends_with_it),
	        cmocka_unit_test(test_find),
	        cmocka_unit_test(test_capture),
	        cmocka_unit_test(test_capture_is_bounded),
	        cmocka_unit_test(test_capture_without_descriptors),
	        cmocka_unit_test(test_capture_goes_on_after_a_signal),
	        cmocka_unit_test(test_exec_that_fails),
	        cmocka_unit_test(test_wait_and_stop),
	        cmocka_unit_test(test_stop_what_will_not_stop),
	        cmocka_unit_test(test_what_the_child_is_given),
	        cmocka_unit_test(test_surroundings_of_its_own),
	        cmocka_unit_test(test_dies_with_its_parent),
	        cmocka_unit_test(test_a_thousand_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
