/* SPDX-License-Identifier: MIT */
/* What a real QEMU cannot be made to do: be silent, talk nonsense, stop in the middle of a line. */
#include "vmrun/qemu/qmp.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/cmocka.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n"
#define AGREED   "{\"return\": {}, \"id\": 1}\r\n"

struct fake {
	struct qmp qmp;
	int peer;
	struct err e;
};

static void say(const struct fake *f, const char *text)
{
	assert_int_equal(write(f->peer, text, strlen(text)), strlen(text));
}

static int connect_fake(struct fake *f, const char *first, int cancel)
{
	int fds[2];

	memset(f, 0, sizeof(*f));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	f->peer = fds[1];
	say(f, first);
	return qmp_open(&f->qmp, fds[0], cancel, deadline_in(0.2), &f->e);
}

static void open_fake(struct fake *f)
{
	char sent[256] = "";

	assert_int_equal(connect_fake(f, GREETING AGREED, -1), 0);
	assert_true(read(f->peer, sent, sizeof(sent) - 1) > 0);
	assert_non_null(strstr(sent, "\"qmp_capabilities\""));
}

static void close_fake(struct fake *f)
{
	qmp_close(&f->qmp);
	close(f->peer);
}

static int command(struct fake *f, json_t **result)
{
	return qmp_command(&f->qmp, "query-status", NULL, deadline_in(0.2), result, &f->e);
}

static void test_command_and_answer(void **state)
{
	struct fake f;
	json_t *result;
	char sent[256] = "";

	(void)state;
	open_fake(&f);
	say(&f, "{\"return\": {\"status\": \"running\"}, \"id\": 2}\r\n");
	assert_int_equal(command(&f, &result), 0);
	assert_string_equal(json_string_value(json_object_get(result, "status")), "running");
	json_decref(result);
	assert_true(read(f.peer, sent, sizeof(sent) - 1) > 0);
	assert_string_equal(sent, "{\"execute\":\"query-status\",\"id\":2}\n");
	close_fake(&f);
}

static void *say_on_and_on(void *context)
{
	const char *text = context;
	int peer;

	memcpy(&peer, text, sizeof(peer));
	text += sizeof(peer);
	while (send(peer, text, strlen(text), MSG_NOSIGNAL) > 0)
		;
	return NULL;
}

/* A QEMU that was taken over talks without end, and the wait ends all the same. */
static void test_talk_without_end(void **state)
{
	static const char *const talk[] = {"{\"event\": \"x\"}\n", "\r\n", "{\"id\": 1, "};

	(void)state;
	for (size_t i = 0; i < sizeof(talk) / sizeof(talk[0]); i++) {
		char said[sizeof(int) + 32];
		pthread_t thread;
		struct fake f;
		int rc;

		open_fake(&f);
		memcpy(said, &f.peer, sizeof(f.peer));
		snprintf(said + sizeof(f.peer), 32, "%s", talk[i]);
		assert_int_equal(pthread_create(&thread, NULL, say_on_and_on, said), 0);
		alarm(60);
		rc = command(&f, NULL);
		alarm(0);
		assert_true(rc == -ETIMEDOUT || rc == -EPROTO);
		assert_true(json_array_size(f.qmp.events) <= 256);
		shutdown(f.peer, SHUT_RDWR);
		pthread_join(thread, NULL);
		close_fake(&f);
	}
}

static void test_events_are_kept_in_order(void **state)
{
	struct fake f;
	json_t *event;

	(void)state;
	open_fake(&f);
	say(&f, "{\"event\": \"STOP\"}\r\n{\"event\": \"RESUME\"}\r\n"
	        "{\"return\": {}, \"id\": 2}\r\n");
	assert_int_equal(command(&f, NULL), 0);
	say(&f, "{\"event\": \"SHUTDOWN\"}\n");
	assert_int_equal(qmp_pump(&f.qmp, &f.e), 0);
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = {"STOP", "RESUME", "SHUTDOWN"};

		event = qmp_take_event(&f.qmp);
		assert_string_equal(json_string_value(json_object_get(event, "event")), names[i]);
		json_decref(event);
	}
	assert_null(qmp_take_event(&f.qmp));
	close_fake(&f);
}

/* A guest that makes QEMU tell of it for days takes no memory, and its end is known. */
static void test_events_have_an_end(void **state)
{
	struct fake f;
	json_t *event;
	size_t count = 0;

	(void)state;
	open_fake(&f);
	for (int i = 0; i < QMP_EVENTS_MAX + 50; i++) {
		say(&f, "{\"event\": \"RTC_CHANGE\"}\n");
		assert_int_equal(qmp_pump(&f.qmp, &f.e), 0);
	}
	say(&f, "{\"event\": \"SHUTDOWN\"}\n");
	assert_int_equal(qmp_pump(&f.qmp, &f.e), 0);
	while ((event = qmp_take_event(&f.qmp))) {
		count++;
		assert_string_equal(json_string_value(json_object_get(event, "event")),
		                    count < QMP_EVENTS_MAX ? "RTC_CHANGE" : "SHUTDOWN");
		json_decref(event);
	}
	assert_int_equal(count, QMP_EVENTS_MAX);
	close_fake(&f);
}

static void test_last_event_before_the_end_is_not_lost(void **state)
{
	struct fake f;
	json_t *event;

	(void)state;
	open_fake(&f);
	say(&f, "{\"event\": \"SHUTDOWN\"}\r\n");
	shutdown(f.peer, SHUT_RDWR);
	assert_int_equal(qmp_pump(&f.qmp, &f.e), -EPIPE);
	event = qmp_take_event(&f.qmp);
	assert_non_null(event);
	json_decref(event);
	close_fake(&f);
}

static void test_refusal_carries_qemus_reason(void **state)
{
	struct fake f;

	(void)state;
	open_fake(&f);
	say(&f,
	    "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no such thing\"}, \"id\": 2}\n");
	assert_int_equal(command(&f, NULL), -EIO);
	assert_string_equal(f.e.text, "QEMU refused query-status: no such thing");
	/* A refusal ends nothing. */
	say(&f, "{\"return\": {}, \"id\": 3}\n");
	assert_int_equal(command(&f, NULL), 0);
	close_fake(&f);
}

static void test_late_answer_is_passed_over(void **state)
{
	struct fake f;
	json_t *result;

	(void)state;
	open_fake(&f);
	assert_int_equal(command(&f, NULL), -ETIMEDOUT);
	say(&f, "{\"return\": {\"old\": 1}, \"id\": 2}\n{\"return\": {\"new\": 1}, \"id\": 3}\n");
	assert_int_equal(command(&f, &result), 0);
	assert_non_null(json_object_get(result, "new"));
	json_decref(result);
	close_fake(&f);
}

static void test_silence(void **state)
{
	struct fake f;

	(void)state;
	assert_int_equal(connect_fake(&f, "", -1), -ETIMEDOUT);
	assert_string_equal(f.e.text, "QEMU's monitor did not answer the connection in time");
	close_fake(&f);
	open_fake(&f);
	assert_int_equal(command(&f, NULL), -ETIMEDOUT);
	assert_string_equal(f.e.text, "QEMU's monitor did not answer query-status in time");
	close_fake(&f);
}

static void test_nonsense(void **state)
{
	static const char *const lines[] = {
	        "SSH-2.0-OpenSSH_9.2\r\n", "[1,2]\n",    "{\"QMP\": \n",
	        "{\"hello\": 1}\n",        "\"text\"\n", "{\"QMP\": 1}\n"};
	struct fake f;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(connect_fake(&f, lines[i], -1), -EPROTO);
		assert_non_null(strstr(f.e.text, "QEMU's monitor"));
		/* It stays dead. */
		assert_true(command(&f, NULL) < 0);
		close_fake(&f);
	}
	open_fake(&f);
	say(&f, "{\"id\": 2}\n");
	assert_int_equal(command(&f, NULL), -EPROTO);
	close_fake(&f);
}

static void test_half_a_line(void **state)
{
	struct fake f;

	(void)state;
	open_fake(&f);
	say(&f, "{\"return\": {}, \"id");
	assert_int_equal(command(&f, NULL), -ETIMEDOUT);
	shutdown(f.peer, SHUT_RDWR);
	assert_int_equal(qmp_pump(&f.qmp, &f.e), -EPIPE);
	assert_non_null(strstr(f.e.text, "closed in the middle of a line"));
	close_fake(&f);
}

static void test_end_of_file(void **state)
{
	struct fake f;

	(void)state;
	open_fake(&f);
	shutdown(f.peer, SHUT_RDWR);
	assert_int_equal(command(&f, NULL), -EPIPE);
	assert_int_equal(command(&f, NULL), -EPIPE);
	close_fake(&f);
}

static void *flood(void *context)
{
	const struct fake *f = context;
	char noise[4096];

	memset(noise, 'x', sizeof(noise));
	while (send(f->peer, noise, sizeof(noise), MSG_NOSIGNAL) > 0)
		;
	return NULL;
}

static void test_line_without_end(void **state)
{
	struct fake f;
	pthread_t thread;

	(void)state;
	open_fake(&f);
	pthread_create(&thread, NULL, flood, &f);
	assert_int_equal(qmp_command(&f.qmp, "query-status", NULL, deadline_in(10), NULL, &f.e),
	                 -EPROTO);
	assert_non_null(strstr(f.e.text, "line without end"));
	qmp_close(&f.qmp);
	pthread_join(thread, NULL);
	close(f.peer);
}

static void test_cancel(void **state)
{
	struct fake f;
	int cancel = eventfd(1, 0);

	(void)state;
	assert_int_equal(connect_fake(&f, "", cancel), -EINTR);
	close_fake(&f);
	close(cancel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_command_and_answer),
	        cmocka_unit_test(test_talk_without_end),
	        cmocka_unit_test(test_events_are_kept_in_order),
	        cmocka_unit_test(test_events_have_an_end),
	        cmocka_unit_test(test_last_event_before_the_end_is_not_lost),
	        cmocka_unit_test(test_refusal_carries_qemus_reason),
	        cmocka_unit_test(test_late_answer_is_passed_over),
	        cmocka_unit_test(test_silence),
	        cmocka_unit_test(test_nonsense),
	        cmocka_unit_test(test_half_a_line),
	        cmocka_unit_test(test_end_of_file),
	        cmocka_unit_test(test_line_without_end),
	        cmocka_unit_test(test_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
