/* SPDX-License-Identifier: MIT */
/* A guest that falls silent, in each state of what it says (vmrun/wire/frame.h): none hangs us. */
#include "vmrun/launch/session.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/cmocka.h"

#define HELLO  "{\"platform\": \"nosev\", \"accel\": \"tcg\", \"how\": \"a test\"}"
#define OUTPUT "some words"

enum { ENOUGH = 60 }; /* seconds that no row needs */

struct fixture {
	struct session s;
	struct vm_events events;
	struct vm_job jobs[2];
	int guest;   /* its end of the port */
	int console; /* its end of the console */
	uint32_t sequence;
};

static void put(const struct fixture *f, const void *bytes, size_t length)
{
	assert_int_equal(write(f->guest, bytes, length), length);
}

/* The first `length` bytes of a frame; all of it where it has no more. */
static void say_part(struct fixture *f, enum frame_type type, uint16_t job, const void *payload,
                     size_t size, size_t length)
{
	uint8_t bytes[FRAME_HEADER + 256];
	size_t n = frame_encode(type, job, f->sequence++, payload, (uint32_t)size, bytes);

	put(f, bytes, n < length ? n : length);
}

static void say(struct fixture *f, enum frame_type type, uint16_t job, const void *payload,
                size_t size)
{
	say_part(f, type, job, payload, size, SIZE_MAX);
}

static void nothing(struct fixture *f)
{
	(void)f;
}

static void half_a_hello(struct fixture *f)
{
	say_part(f, FRAME_HELLO, FRAME_NO_JOB, HELLO, strlen(HELLO), 10);
}

static void hello(struct fixture *f)
{
	say(f, FRAME_HELLO, FRAME_NO_JOB, HELLO, strlen(HELLO));
}

static void start(struct fixture *f)
{
	hello(f);
	say(f, FRAME_START, 0, NULL, 0);
}

static void start_in_time(struct fixture *f)
{
	start(f);
	f->jobs[0].seconds = 1;
}

static void half_an_output(struct fixture *f)
{
	start(f);
	say_part(f, FRAME_OUTPUT, 0, OUTPUT, strlen(OUTPUT), FRAME_HEADER + 3);
}

static void one_job(struct fixture *f)
{
	const struct frame_exit none = {0};

	start(f);
	say(f, FRAME_EXIT, 0, &none, sizeof(none));
}

static void half_a_start(struct fixture *f)
{
	one_job(f);
	say_part(f, FRAME_START, 1, NULL, 0, FRAME_HEADER - 1);
}

static void both_jobs(struct fixture *f)
{
	const struct frame_exit none = {0};

	one_job(f);
	say(f, FRAME_START, 1, NULL, 0);
	say(f, FRAME_EXIT, 1, &none, sizeof(none));
}

static void *keep_quiet(void *context)
{
	(void)context;
	return NULL;
}

static void *talk(void *context)
{
	const struct fixture *f = context;
	char text[4096];

	memset(text, 'x', sizeof(text));
	while (send(f->console, text, sizeof(text), MSG_NOSIGNAL) > 0)
		;
	return NULL;
}

/* Signals of a job that has ended: each is answered, and none is what the guest is to go on with.
 */
static void *mark(void *context)
{
	struct fixture *f = context;
	uint8_t bytes[FRAME_HEADER], answers[4096];
	bool open = true;

	while (open) {
		size_t n = frame_encode(FRAME_MARK, 0, f->sequence++, NULL, 0, bytes);

		open = send(f->guest, bytes, n, MSG_NOSIGNAL) > 0;
		usleep(1000); /* no more than are answered meanwhile */
		while (open && recv(f->guest, answers, sizeof(answers), MSG_DONTWAIT) > 0)
			;
	}
	return NULL;
}

/* A byte now and then, of one frame. */
static void *drip(void *context)
{
	struct fixture *f = context;
	uint8_t payload[200] = {0}, bytes[FRAME_HEADER + 200];
	size_t n = frame_encode(FRAME_OUTPUT, 0, f->sequence, payload, sizeof(payload), bytes);

	for (size_t i = 0; i < n && send(f->guest, bytes + i, 1, MSG_NOSIGNAL) > 0; i++)
		usleep(50000);
	return NULL;
}

static void connect_guest(struct fixture *f)
{
	int port[2], console[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, port), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, console), 0);
	f->s.port = port[0];
	f->guest = port[1];
	f->s.console = console[0];
	f->console = console[1];
	/* The guest's ends wait, as QEMU's do. */
	assert_int_equal(fcntl(f->guest, F_SETFL, 0), 0);
	assert_int_equal(fcntl(f->console, F_SETFL, 0), 0);
}

static void open_session(struct fixture *f)
{
	static char name[] = "/bin/x", *argv[] = {name, NULL};

	memset(f, 0, sizeof(*f));
	session_init(&f->s);
	f->s.qemu.pidfd = -1;
	f->s.plan.boot_seconds = 1;
	f->s.report = json_pack("{s:{}}", "times");
	f->jobs[0].argv = f->jobs[1].argv = argv;
	f->s.collect.platform = PLATFORM_NOSEV;
	f->s.collect.accel = ACCEL_TCG;
	f->s.collect.jobs = f->jobs;
	f->s.collect.job_count = 2;
	f->s.collect.events = &f->events;
	assert_int_equal(collect_init(&f->s.collect, NULL), 0);
	connect_guest(f);
	f->s.boot = deadline_in(f->s.plan.boot_seconds);
}

static const struct row {
	const char *state;
	void (*before)(struct fixture *f); /* what the guest says before it falls silent */
	void *(*meanwhile)(void *context); /* what it does on and on */
	const char *says;
} rows[] = {
        {"before HELLO", nothing, keep_quiet, "did not come up within the boot deadline of 1 s"},
        {"before HELLO, talking", nothing, talk, "did not come up"},
        {"in HELLO", half_a_hello, keep_quiet, "did not come up"},
        {"after HELLO", hello, keep_quiet, "did not begin its first job within 1 s"},
        {"after HELLO, talking", hello, talk, "did not begin its first job"},
        {"in a job's output", half_an_output, keep_quiet, "a frame that it had begun"},
        {"in a job's output, dripping", start, drip, "a frame that it had begun"},
        {"in a job", start_in_time, keep_quiet, "job 0 (/bin/x) passed its deadline of 1 s"},
        {"in a job, talking", start_in_time, talk, "job 0 (/bin/x) passed its deadline of 1 s"},
        {"between jobs", one_job, keep_quiet, "did not go on within 1 s after job 0 (/bin/x)"},
        {"between jobs, talking", one_job, talk, "did not go on within 1 s after job 0"},
        {"between jobs, with marks", one_job, mark, "did not go on within 1 s after job 0"},
        {"in a START", half_a_start, keep_quiet, "did not go on within 1 s after job 0"},
        {"before END", both_jobs, keep_quiet, "did not go on within 1 s after job 1"},
};

static void run_row(const struct row *row)
{
	pthread_t thread;
	struct fixture f;
	struct err e = {""};
	int rc = 0;

	open_session(&f);
	row->before(&f);
	assert_int_equal(pthread_create(&thread, NULL, row->meanwhile, &f), 0);
	alarm(ENOUGH);
	while (!rc) {
		rc = session_step(&f.s, &e);
		/* What a job's own end may take beyond its deadline is long for a test. */
		if (f.jobs[0].seconds && f.s.collect.running &&
		    deadline_left(&f.s.collect.job_deadline) > 1)
			f.s.collect.job_deadline = deadline_in(1);
	}
	alarm(0);
	if (rc != -ETIME || !strstr(e.text, row->says))
		fail_msg("%s: %d, %s", row->state, rc, e.text);
	session_close(&f.s);
	pthread_join(thread, NULL);
	close(f.guest);
	close(f.console);
}

static void test_silence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_row(&rows[i]);
}

/* Every step in time, and all of them together longer than one may take: nobody is late. */
static void test_slow_but_in_time(void **state)
{
	const struct frame_exit none = {0};
	struct frame_end end = {.jobs = htole32(2), .frames = htole32(5)};
	struct fixture f;
	struct err e = {""};
	int rc = 0;

	(void)state;
	open_session(&f);
	for (int step = 0; step < 6 && !rc; step++) {
		struct deadline next = deadline_in(0.4);

		if (step == 0)
			hello(&f);
		else if (step < 5 && step % 2)
			say(&f, FRAME_START, (uint16_t)(step / 2), NULL, 0);
		else if (step < 5)
			say(&f, FRAME_EXIT, (uint16_t)(step / 2 - 1), &none, sizeof(none));
		else
			say(&f, FRAME_END, FRAME_NO_JOB, &end, sizeof(end));
		rc = session_step(&f.s, &e);
		while (!rc && deadline_left(&next) > 0)
			usleep(10000);
	}
	if (rc)
		fail_msg("%s", e.text);
	assert_true(f.s.collect.complete);
	session_close(&f.s);
	close(f.guest);
	close(f.console);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_silence),
	        cmocka_unit_test(test_slow_but_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
