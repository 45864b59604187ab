/* SPDX-License-Identifier: MIT */
#include "vmrun/guest/guest_port.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.h"

/* A socket pair stands for the port: `port` is the guest's end, `host` the other. */
struct line {
	struct guest_port port;
	int host;
	uint32_t host_sequence;
};

static int open_line(void **state)
{
	struct line *l = calloc(1, sizeof(*l));
	int ends[2];

	assert_non_null(l);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	l->port.fd = ends[0];
	l->host = ends[1];
	*state = l;
	return 0;
}

static void hang_up(struct line *l)
{
	if (l->host >= 0)
		close(l->host);
	l->host = -1;
}

static int close_line(void **state)
{
	struct line *l = *state;

	hang_up(l);
	close(l->port.fd);
	frame_reader_free(&l->port.reader);
	free(l);
	return 0;
}

static void host_sends(struct line *l, enum frame_type type)
{
	uint8_t bytes[FRAME_HEADER];

	frame_encode(type, FRAME_NO_JOB, l->host_sequence++, NULL, 0, bytes);
	assert_int_equal(write(l->host, bytes, sizeof(bytes)), sizeof(bytes));
}

static void test_numbers_its_frames(void **state)
{
	struct line *l = *state;
	struct frame_reader r = {0};
	struct frame f = {0};
	uint8_t bytes[4096];
	struct err e;
	ssize_t got;

	assert_int_equal(guest_port_send(&l->port, FRAME_START, 3, NULL, 0, &e), 0);
	assert_int_equal(guest_port_send(&l->port, FRAME_OUTPUT, 3, "abc", 3, &e), 0);
	got = read(l->host, bytes, sizeof(bytes));
	assert_int_equal(got, 2 * FRAME_HEADER + 3);
	assert_int_equal(frame_reader_push(&r, bytes, (size_t)got, &e), 0);
	assert_int_equal(frame_reader_next(&r, &f, &e), 1);
	assert_int_equal(f.type, FRAME_START);
	assert_int_equal(frame_reader_next(&r, &f, &e), 1);
	assert_int_equal(f.job, 3);
	assert_memory_equal(f.payload, "abc", 3);
	assert_int_equal(l->port.sequence, 2);
	frame_reader_free(&r);
}

/* More than a socket holds: the writer must wait for a reader that is slow, and lose nothing. */
static void test_waits_for_a_slow_host(void **state)
{
	static uint8_t payload[FRAME_PAYLOAD_MAX];
	struct line *l = *state;
	struct frame_reader r = {0};
	unsigned count = 0;
	int status;
	pid_t guest = fork();
	struct err e;

	assert_true(guest >= 0);
	if (guest == 0) {
		int i;
		int rc = 0;

		close(l->host);
		for (i = 0; i < 64 && !rc; i++)
			rc = guest_port_send(&l->port, FRAME_OUTPUT, 0, payload, sizeof(payload),
			                     &e);
		_exit(rc ? 1 : 0);
	}
	while (count < 64) {
		static uint8_t bytes[10000];
		struct frame f;
		ssize_t got = read(l->host, bytes, sizeof(bytes));
		int rc;

		assert_true(got > 0);
		assert_int_equal(frame_reader_push(&r, bytes, (size_t)got, &e), 0);
		while ((rc = frame_reader_next(&r, &f, &e)) == 1)
			count++;
		assert_int_equal(rc, 0);
		usleep(100);
	}
	assert_int_equal(frame_reader_end(&r, &e), 0);
	assert_int_equal(waitpid(guest, &status, 0), guest);
	assert_int_equal(status, 0);
	frame_reader_free(&r);
}

static void test_counts_go(void **state)
{
	struct line *l = *state;
	struct err e;

	assert_int_equal(guest_port_receive(&l->port, &e), 0);
	host_sends(l, FRAME_GO);
	assert_int_equal(guest_port_wait(&l->port, 5, &e), 0);
	host_sends(l, FRAME_GO);
	host_sends(l, FRAME_GO);
	assert_int_equal(guest_port_receive(&l->port, &e), 2);
	host_sends(l, FRAME_GO);
	host_sends(l, FRAME_GO);
	assert_int_equal(guest_port_wait(&l->port, 5, &e), -EPROTO);
	assert_says(e, "2 GO where one was due");
}

static void test_a_host_that_does_not_answer(void **state)
{
	struct line *l = *state;
	struct err e;

	assert_int_equal(guest_port_wait(&l->port, 0, &e), -ETIME);
	assert_says(e, "the host did not answer");
}

static void test_a_host_that_talks_nonsense(void **state)
{
	struct line *l = *state;
	struct err e;

	host_sends(l, FRAME_HELLO);
	assert_int_equal(guest_port_receive(&l->port, &e), -EPROTO);
	assert_says(e, "the host sent HELLO, a guest takes only GO");
}

static void test_a_host_that_sends_garbage(void **state)
{
	struct line *l = *state;
	struct err e;

	assert_int_equal(write(l->host, "GET / HTTP/1.1\r\nHost: guest\r\n\r\n", 32), 32);
	assert_int_equal(guest_port_wait(&l->port, 5, &e), -EPROTO);
	assert_says(e, "no frame begins at byte 0");
}

static void test_a_host_that_hangs_up(void **state)
{
	struct line *l = *state;
	struct err e;

	hang_up(l);
	assert_int_equal(guest_port_send(&l->port, FRAME_START, 0, NULL, 0, &e), -EPIPE);
	assert_string_equal(e.text, "the host hung up");
	assert_int_equal(guest_port_receive(&l->port, &e), -EPIPE);
	assert_int_equal(guest_port_wait(&l->port, -1, &e), -EPIPE);
}

static void test_too_long_a_payload(void **state)
{
	struct line *l = *state;
	struct err e;

	assert_int_equal(guest_port_send(&l->port, FRAME_OUTPUT, 0, "", FRAME_PAYLOAD_MAX + 1, &e),
	                 -EINVAL);
	assert_int_equal(l->port.sequence, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_numbers_its_frames, open_line, close_line),
	        cmocka_unit_test_setup_teardown(test_waits_for_a_slow_host, open_line, close_line),
	        cmocka_unit_test_setup_teardown(test_counts_go, open_line, close_line),
	        cmocka_unit_test_setup_teardown(test_a_host_that_does_not_answer, open_line,
	                                        close_line),
	        cmocka_unit_test_setup_teardown(test_a_host_that_talks_nonsense, open_line,
	                                        close_line),
	        cmocka_unit_test_setup_teardown(test_a_host_that_sends_garbage, open_line,
	                                        close_line),
	        cmocka_unit_test_setup_teardown(test_a_host_that_hangs_up, open_line, close_line),
	        cmocka_unit_test_setup_teardown(test_too_long_a_payload, open_line, close_line),
	};

	return cmocka_run_group_tests_name("guest_port", tests, NULL, NULL);
}
