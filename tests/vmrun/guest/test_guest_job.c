/* SPDX-License-Identifier: MIT */
#include "vmrun/guest/guest_job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/cmocka.h"

/* What came through the port for one job, as the host sees it. */
struct seen {
	char output[65536];
	size_t output_length; /* all of it, also what did not fit */
	char error[4096];
	size_t error_length;
	char marks[256]; /* one after the other, each ended by '|' */
	struct frame_exit exit;
	bool started, exited;
	int result; /* what guest_job_run returned */
};

static void keep(char *buffer, size_t room, size_t *fill, const struct frame *f)
{
	if (*fill + f->length < room)
		memcpy(buffer + *fill, f->payload, f->length);
	*fill += f->length;
}

/* The host's part. Answers every mark when `answer` is set. */
static void take(struct seen *s, const struct frame *f, int host, bool answer)
{
	static uint32_t sequence;
	uint8_t go[FRAME_HEADER];
	struct err e;
	size_t fill = strlen(s->marks);

	assert_int_equal(f->job, 5);
	assert_int_equal(s->started, f->type != FRAME_START);
	assert_false(s->exited);
	if (f->type == FRAME_START)
		sequence = 0;
	s->started = true;
	if (f->type == FRAME_OUTPUT)
		keep(s->output, sizeof(s->output), &s->output_length, f);
	if (f->type == FRAME_ERROR)
		keep(s->error, sizeof(s->error), &s->error_length, f);
	if (f->type == FRAME_EXIT) {
		assert_int_equal(frame_read_exit(f, &s->exit, &e), 0);
		s->exited = true;
	}
	if (f->type == FRAME_MARK) {
		snprintf(s->marks + fill, sizeof(s->marks) - fill, "%.*s|", (int)f->length,
		         (const char *)f->payload);
		if (answer) {
			frame_encode(FRAME_GO, FRAME_NO_JOB, sequence++, NULL, 0, go);
			assert_int_equal(write(host, go, sizeof(go)), sizeof(go));
		}
	}
}

enum host { HOST_ANSWERS, HOST_HANGS_UP_AT_MARK };

/* Run the shell script `script` as job 5 in a process of its own, and be its host. */
static struct seen run(const char *program, const char *script, unsigned seconds, enum host host)
{
	char *const argv[] = {(char *)program, (char *)"-c", (char *)script, NULL};
	const struct vm_job job = {.argv = argv, .seconds = seconds};
	struct frame_reader r = {0};
	struct seen s = {0};
	struct frame f;
	struct err e = {""};
	int ends[2];
	int status;
	pid_t guest;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	guest = fork();
	assert_true(guest >= 0);
	if (guest == 0) {
		struct guest_port port = {.fd = ends[0]};

		close(ends[1]);
		signal(SIGPIPE, SIG_IGN);
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		_exit(-guest_job_run(&port, 5, &job, -1, &e));
	}
	close(ends[0]);
	for (;;) {
		static uint8_t bytes[65536];
		ssize_t got = read(ends[1], bytes, sizeof(bytes));

		if (got <= 0)
			break;
		assert_int_equal(frame_reader_push(&r, bytes, (size_t)got, &e), 0);
		while (frame_reader_next(&r, &f, &e) == 1)
			take(&s, &f, ends[1], host == HOST_ANSWERS);
		if (host == HOST_HANGS_UP_AT_MARK && s.marks[0])
			break;
	}
	close(ends[1]);
	assert_int_equal(waitpid(guest, &status, 0), guest);
	assert_true(WIFEXITED(status));
	s.result = -WEXITSTATUS(status);
	frame_reader_free(&r);
	return s;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void test_output_and_status(void **state)
{
	struct seen s = run("/bin/sh", "echo to out; echo to err >&2; exit 3", 0, HOST_ANSWERS);

	(void)state;
	assert_int_equal(s.result, 0);
	assert_string_equal(s.output, "to out\n");
	assert_string_equal(s.error, "to err\n");
	assert_true(s.exited);
	assert_int_equal(s.exit.code, 3);
	assert_int_equal(s.exit.signal, 0);
	assert_int_equal(s.exit.how, FRAME_EXIT_ITSELF);
	assert_int_equal(s.exit.output_bytes, 7);
	assert_int_equal(s.exit.error_bytes, 7);
}

static void test_a_crash(void **state)
{
	struct seen s = run("/bin/sh", "echo before; kill -SEGV $$", 10, HOST_ANSWERS);

	(void)state;
	assert_int_equal(s.result, 0);
	assert_string_equal(s.output, "before\n");
	assert_int_equal(s.exit.signal, SIGSEGV);
	assert_int_equal(s.exit.how, FRAME_EXIT_ITSELF);
}

static void test_deadline(void **state)
{
	double begin = now();
	struct seen s =
	        run("/bin/sh", "echo begun; trap '' TERM INT; sleep 60; sleep 60", 1, HOST_ANSWERS);

	(void)state;
	assert_int_equal(s.result, 0);
	assert_string_equal(s.output, "begun\n");
	assert_int_equal(s.exit.signal, SIGKILL);
	assert_int_equal(s.exit.how, FRAME_EXIT_DEADLINE);
	assert_true(now() - begin >= 1.0);
	assert_true(now() - begin < 8.0);
}

/* A job that ends by itself in time is not said to have been late, whatever signal it took. */
static void test_killed_by_itself(void **state)
{
	struct seen s = run("/bin/sh", "kill -KILL $$", 30, HOST_ANSWERS);

	(void)state;
	assert_int_equal(s.exit.signal, SIGKILL);
	assert_int_equal(s.exit.how, FRAME_EXIT_ITSELF);
}

static void test_cannot_be_run(void **state)
{
	struct seen s = run("/no/such/program", "", 0, HOST_ANSWERS);

	(void)state;
	assert_int_equal(s.result, 0);
	assert_int_equal(s.exit.code, 127);
	assert_int_equal(s.exit.how, FRAME_EXIT_NO_EXEC);
	assert_string_equal(s.error, "guest-init: cannot run /no/such/program: No such file or "
	                             "directory\n");
	assert_int_equal(s.exit.error_bytes, s.error_length);
	s = run("/tmp", "", 0, HOST_ANSWERS);
	assert_int_equal(s.exit.how, FRAME_EXIT_NO_EXEC);
}

static void test_flood(void **state)
{
	struct seen s =
	        run("/bin/sh", "head -c 20000000 /dev/zero; echo end >&2", 60, HOST_ANSWERS);

	(void)state;
	assert_int_equal(s.result, 0);
	assert_int_equal(s.output_length, 20000000);
	assert_int_equal(s.exit.output_bytes, 20000000);
	assert_string_equal(s.error, "end\n");
}

/* A flood does not keep a job from its deadline. */
static void test_flood_past_the_deadline(void **state)
{
	double begin = now();
	struct seen s = run("/bin/sh", "exec cat /dev/zero", 1, HOST_ANSWERS);

	(void)state;
	assert_int_equal(s.exit.how, FRAME_EXIT_DEADLINE);
	assert_int_equal(s.exit.output_bytes, s.output_length);
	assert_true(now() - begin < 20.0);
}

/* What a job leaves behind holds its pipes: it is killed, so that the end comes at once. */
static void test_leaves_a_process_behind(void **state)
{
	double begin = now();
	struct seen s = run("/bin/sh", "sleep 60 & echo gone", 0, HOST_ANSWERS);

	(void)state;
	assert_int_equal(s.exit.code, 0);
	assert_string_equal(s.output, "gone\n");
	assert_true(now() - begin < 4.0);
}

/* It may be nobody's child and in nobody's group; then its pipes are left after a while. */
static void test_leaves_a_stranger_behind(void **state)
{
	double begin = now();
	struct seen s = run("/bin/sh", "setsid sleep 9 & sleep 0.2; echo gone", 0, HOST_ANSWERS);

	(void)state;
	assert_int_equal(s.result, 0);
	assert_string_equal(s.output, "gone\n");
	assert_true(now() - begin < 8.5);
}

static void test_closes_its_output(void **state)
{
	struct seen s = run("/bin/sh", "exec >&- 2>&-; sleep 0.2; exit 4", 0, HOST_ANSWERS);

	(void)state;
	assert_int_equal(s.exit.code, 4);
	assert_int_equal(s.exit.output_bytes, 0);
}

static void test_what_a_job_is_given(void **state)
{
	struct seen s = run("/bin/sh",
	                    "pwd; readlink /proc/$$/fd/0; env | grep -c .; trap; "
	                    "[ $(cut -d' ' -f5 /proc/$$/stat) = $$ ] && echo leader; "
	                    "ls /proc/self/fd | wc -l",
	                    0, HOST_ANSWERS);

	(void)state;
	/* PATH, HOME, the mark variable and the shell's own PWD; 0, 1, 2, 3 and the folder's. */
	assert_string_equal(s.output, "/tmp\n/dev/null\n4\nleader\n5\n");
}

static void test_marks(void **state)
{
	static const char script[] = "echo one >&3; head -c 1 <&3; echo; "
	                             "printf 'two' >&3; echo ' and a half' >&3; head -c 1 <&3; "
	                             "echo $" FRAME_MARK_VARIABLE;
	struct seen s = run("/bin/sh", script, 10, HOST_ANSWERS);

	(void)state;
	assert_int_equal(s.result, 0);
	assert_string_equal(s.marks, "one|two and a half|");
	assert_string_equal(s.output, "G\nG3\n");
	assert_int_equal(s.exit.how, FRAME_EXIT_ITSELF);
}

/* A mark that nobody reads the answer of must not end up in the next job. */
static void test_mark_and_exit(void **state)
{
	struct seen s = run("/bin/sh", "echo bye >&3; exit 2", 0, HOST_ANSWERS);

	(void)state;
	assert_string_equal(s.marks, "bye|");
	assert_int_equal(s.exit.code, 2);
}

static void test_mark_too_long(void **state)
{
	struct seen s = run("/bin/sh", "head -c 5000 /dev/zero | tr '\\0' a >&3; echo done", 10,
	                    HOST_ANSWERS);

	(void)state;
	assert_int_equal(s.result, 0);
	assert_string_equal(s.marks, "");
	assert_string_equal(s.error, "guest-init: the job's mark is too long; no more are taken\n");
	assert_true(s.exited);
}

static void test_host_hangs_up(void **state)
{
	double begin = now();
	struct seen s = run("/bin/sh", "echo here >&3; sleep 60", 0, HOST_HANGS_UP_AT_MARK);

	(void)state;
	assert_int_equal(s.result, -EPIPE);
	assert_false(s.exited);
	assert_true(now() - begin < 8.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_output_and_status),
	        cmocka_unit_test(test_a_crash),
	        cmocka_unit_test(test_deadline),
	        cmocka_unit_test(test_killed_by_itself),
	        cmocka_unit_test(test_cannot_be_run),
	        cmocka_unit_test(test_flood),
	        cmocka_unit_test(test_flood_past_the_deadline),
	        cmocka_unit_test(test_leaves_a_process_behind),
	        cmocka_unit_test(test_leaves_a_stranger_behind),
	        cmocka_unit_test(test_closes_its_output),
	        cmocka_unit_test(test_what_a_job_is_given),
	        cmocka_unit_test(test_marks),
	        cmocka_unit_test(test_mark_and_exit),
	        cmocka_unit_test(test_mark_too_long),
	        cmocka_unit_test(test_host_hangs_up),
	};

	return cmocka_run_group_tests_name("guest_job", tests, NULL, NULL);
}
