/* SPDX-License-Identifier: MIT */
/* Streams that no healthy guest sends: each is refused with what is wrong, and nothing is lost. */
#include "vmrun/wire/collect.h"

#include <errno.h>

#include "tests/cmocka.h"

#define HELLO "{\"platform\": \"nosev\", \"accel\": \"tcg\", \"how\": \"CPUID\"}"

struct fixture {
	struct collect c;
	struct vm_events events;
	struct vm_job jobs[2];
	uint32_t sequence;
	int cancel_at; /* the event with this number returns nonzero; 0: none */
	int events_seen;
	char log[1024]; /* what the events said */
	struct err e;
};

static int note(struct fixture *f, const char *text)
{
	strncat(f->log, text, sizeof(f->log) - strlen(f->log) - 1);
	return ++f->events_seen == f->cancel_at;
}

static int on_hello(void *context, const json_t *hello)
{
	return note(context, json_is_object(hello) ? "hello " : "nothing ");
}

static int on_start(void *context, size_t job)
{
	char text[32];

	snprintf(text, sizeof(text), "start%zu ", job);
	return note(context, text);
}

static int on_output(void *context, size_t job, const void *bytes, size_t length)
{
	char text[64];

	snprintf(text, sizeof(text), "out%zu=%.*s ", job, (int)length, (const char *)bytes);
	return note(context, text);
}

static int on_error(void *context, size_t job, const void *bytes, size_t length)
{
	char text[64];

	snprintf(text, sizeof(text), "err%zu=%.*s ", job, (int)length, (const char *)bytes);
	return note(context, text);
}

static int on_end(void *context, size_t job, enum vm_job_end how, int code)
{
	char text[64];

	snprintf(text, sizeof(text), "end%zu=%d/%d ", job, (int)how, code);
	return note(context, text);
}

static int on_mark(void *context, size_t job, const char *line, const struct counts *counts)
{
	char text[64];

	(void)job;
	assert_int_equal(counts->by, COUNTS_NOBODY);
	snprintf(text, sizeof(text), "mark=%s ", line);
	return note(context, text);
}

static int on_met(void *context, size_t job, const struct vm_meeting *met)
{
	char text[64];

	snprintf(text, sizeof(text), "met%zu=%u ", job, met->guests);
	return note(context, text);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->events = (struct vm_events){.hello = on_hello,
	                               .start = on_start,
	                               .output = on_output,
	                               .error = on_error,
	                               .end = on_end,
	                               .context = f};
	f->c = (struct collect){.platform = PLATFORM_NOSEV,
	                        .accel = ACCEL_TCG,
	                        .jobs = f->jobs,
	                        .job_count = 2,
	                        .events = &f->events};
	*state = f;
	return collect_init(&f->c, &f->e);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	collect_free(&f->c);
	free(f);
	return 0;
}

static int send(struct fixture *f, enum frame_type type, uint16_t job, const void *payload,
                size_t length)
{
	static uint8_t bytes[FRAME_HEADER + FRAME_PAYLOAD_MAX];
	size_t n = frame_encode(type, job, f->sequence++, payload, (uint32_t)length, bytes);

	return collect_push(&f->c, bytes, n, &f->e);
}

static int send_text(struct fixture *f, enum frame_type type, uint16_t job, const char *text)
{
	return send(f, type, job, text, strlen(text));
}

static int send_exit(struct fixture *f, uint16_t job, struct frame_exit exit)
{
	return send(f, FRAME_EXIT, job, &exit, sizeof(exit));
}

static int send_end(struct fixture *f, uint32_t jobs, uint32_t frames)
{
	struct frame_end end = {.jobs = jobs, .frames = frames};

	return send(f, FRAME_END, FRAME_NO_JOB, &end, sizeof(end));
}

static void say_hello(struct fixture *f)
{
	assert_int_equal(send_text(f, FRAME_HELLO, FRAME_NO_JOB, HELLO), 0);
}

static void test_whole_run(void **state)
{
	struct fixture *f = *state;

	say_hello(f);
	assert_int_equal(f->c.answers, 1);
	assert_int_equal(send(f, FRAME_START, 0, NULL, 0), 0);
	assert_int_equal(send_text(f, FRAME_OUTPUT, 0, "abc"), 0);
	assert_int_equal(send_text(f, FRAME_ERROR, 0, "oh"), 0);
	assert_int_equal(send_text(f, FRAME_MARK, 0, "here"), 0);
	assert_int_equal(f->c.answers, 2);
	assert_int_equal(
	        send_exit(f, 0,
	                  (struct frame_exit){.code = 3, .output_bytes = 3, .error_bytes = 2}),
	        0);
	assert_int_equal(send(f, FRAME_START, 1, NULL, 0), 0);
	assert_int_equal(send_exit(f, 1, (struct frame_exit){.signal = 11}), 0);
	assert_int_equal(send_end(f, 2, 8), 0);
	assert_true(f->c.complete);
	assert_int_equal(f->c.answers, 3);
	assert_string_equal(f->log, "hello start0 out0=abc err0=oh end0=1/3 start1 end1=2/11 ");
	assert_int_equal(json_array_size(f->c.ended), 2);
	collect_rest(&f->c);
	assert_int_equal(json_array_size(f->c.ended), 2);
}

static void test_identity(void **state)
{
	static const struct {
		const char *hello, *why;
	} rows[] = {
	        {"{\"platform\": \"snp\", \"accel\": \"tcg\", \"how\": \"MSR\"}",
	         "a guest of platform nosev was asked for, but it says it is snp (MSR)"},
	        {"{\"platform\": null, \"accel\": \"tcg\"}", "it says it is unknown"},
	        {"{\"platform\": \"nosev\", \"accel\": \"kvm\"}",
	         "the guest was launched with tcg, but it sees kvm"},
	        {"{\"platform\": \"nosev\"}", "it sees nothing that it knows"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f;
		void *own;

		setup(&own);
		f = own;
		assert_int_equal(send_text(f, FRAME_HELLO, FRAME_NO_JOB, rows[i].hello), -EXDEV);
		assert_non_null(strstr(f->e.text, rows[i].why));
		assert_int_equal(f->c.answers, 0);
		assert_string_equal(f->log, "");
		teardown(&own);
	}
	(void)state;
}

static void test_hello_that_is_no_json(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(send_text(f, FRAME_HELLO, FRAME_NO_JOB, "hi"), -EPROTO);
	assert_non_null(strstr(f->e.text, "HELLO is no JSON object"));
}

/* It goes into the manifest: what is not known there, or is deep, must not get that far. */
static void test_hello_that_says_too_much(void **state)
{
	static const char *const rows[][2] = {
	        {"{\"platform\": \"nosev\", \"accel\": \"tcg\", \"rows\": 3}", "rows: a key"},
	        {"{\"platform\": \"nosev\", \"accel\": \"tcg\", \"cpus\": \"4\"}", "cpus: an"},
	        {"{\"platform\": \"nosev\", \"accel\": \"tcg\", \"accel\": \"kvm\"}", "JSON"},
	};
	char deep[8192] = "{\"platform\": \"nosev\", \"accel\": \"tcg\", \"how\": ";
	struct fixture *f = *state;
	size_t used = strlen(deep);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f->c.broken = false;
		assert_int_equal(send_text(f, FRAME_HELLO, FRAME_NO_JOB, rows[i][0]), -EPROTO);
		assert_says(f->e, rows[i][1]);
		assert_null(f->c.hello);
	}
	memset(deep + used, '[', 2046);
	memset(deep + used + 2046, ']', 2046);
	strcat(deep, "}");
	f->c.broken = false;
	assert_int_equal(send_text(f, FRAME_HELLO, FRAME_NO_JOB, deep), -EPROTO);
	assert_says(f->e, "how: a text is expected");
	assert_null(f->c.hello);
}

static void test_something_before_hello(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(send(f, FRAME_START, 0, NULL, 0), -EPROTO);
	assert_non_null(strstr(f->e.text, "START of job 0 out of order"));
	/* After a failure nothing is taken. */
	assert_int_equal(send_text(f, FRAME_HELLO, FRAME_NO_JOB, HELLO), 0);
	assert_null(f->c.hello);
}

static void test_second_hello(void **state)
{
	struct fixture *f = *state;

	say_hello(f);
	assert_int_equal(send_text(f, FRAME_HELLO, FRAME_NO_JOB, HELLO), -EPROTO);
}

static void test_wrong_job(void **state)
{
	struct fixture *f = *state;

	say_hello(f);
	assert_int_equal(send(f, FRAME_START, 1, NULL, 0), -EPROTO);
}

static void test_output_without_job(void **state)
{
	struct fixture *f = *state;

	say_hello(f);
	assert_int_equal(send_text(f, FRAME_OUTPUT, 0, "x"), -EPROTO);
}

static void test_host_frame_from_guest(void **state)
{
	struct fixture *f = *state;

	say_hello(f);
	assert_int_equal(send(f, FRAME_GO, FRAME_NO_JOB, NULL, 0), -EPROTO);
}

/* The plan says how much a job may send: what is beyond ends the guest, and what came before was
 * delivered. */
static void test_a_job_sends_no_more_than_it_may(void **state)
{
	static char *const argv[] = {(char *)"/bin/bench-cpuid", NULL};
	struct fixture *f = *state;

	f->jobs[0] = (struct vm_job){.argv = argv, .output_max = 4, .error_max = 3};
	say_hello(f);
	send(f, FRAME_START, 0, NULL, 0);
	assert_int_equal(send_text(f, FRAME_OUTPUT, 0, "abcd"), 0);
	assert_int_equal(send_text(f, FRAME_ERROR, 0, "abc"), 0);
	assert_int_equal(send_text(f, FRAME_ERROR, 0, "d"), -EFBIG);
	assert_string_equal(f->e.text, "job 0 (/bin/bench-cpuid) sent more than the 3 bytes of "
	                               "ERROR that it may: the guest is ended");
	assert_string_equal(f->log, "hello start0 out0=abcd err0=abc ");
}

/* Not with one job's rest for the next, either. */
static void test_every_job_has_its_own_bytes(void **state)
{
	struct fixture *f = *state;

	f->jobs[0].output_max = 4;
	f->jobs[1].output_max = 2;
	say_hello(f);
	send(f, FRAME_START, 0, NULL, 0);
	assert_int_equal(send_text(f, FRAME_OUTPUT, 0, "a"), 0);
	send_exit(f, 0, (struct frame_exit){.output_bytes = 1});
	send(f, FRAME_START, 1, NULL, 0);
	assert_int_equal(send_text(f, FRAME_OUTPUT, 1, "bc"), 0);
	assert_int_equal(send_text(f, FRAME_OUTPUT, 1, "d"), -EFBIG);
	assert_says(f->e, "more than the 2 bytes of OUTPUT");
}

static void test_marks_have_an_end(void **state)
{
	struct fixture *f = *state;

	say_hello(f);
	send(f, FRAME_START, 0, NULL, 0);
	for (unsigned i = 0; i < COLLECT_MARKS_MAX; i++)
		if (send_text(f, FRAME_MARK, 0, "here"))
			fail_msg("%s", f->e.text);
	assert_int_equal(send_text(f, FRAME_MARK, 0, "here"), -EFBIG);
	assert_says(f->e, "more than the 65536 marks");
}

/* Any number of them would fit into any number of bytes. */
static void test_frames_without_bytes(void **state)
{
	struct fixture *f = *state;

	say_hello(f);
	send(f, FRAME_START, 0, NULL, 0);
	assert_int_equal(send(f, FRAME_OUTPUT, 0, NULL, 0), -EPROTO);
	assert_says(f->e, "an empty OUTPUT of job 0");
}

static void test_lost_output(void **state)
{
	struct fixture *f = *state;

	say_hello(f);
	send(f, FRAME_START, 0, NULL, 0);
	send_text(f, FRAME_OUTPUT, 0, "abc");
	assert_int_equal(send_exit(f, 0, (struct frame_exit){.output_bytes = 4}), -EPROTO);
	assert_string_equal(f->e.text, "job 0 wrote 4 and 0 bytes, but 3 and 0 arrived");
}

static void test_end_that_does_not_agree(void **state)
{
	struct fixture *f = *state;

	say_hello(f);
	assert_int_equal(send_end(f, 0, 1), -EPROTO);
	assert_non_null(strstr(f->e.text, "0 of 2 jobs"));
	assert_false(f->c.complete);
}

static void test_cut_and_never_ran(void **state)
{
	struct fixture *f = *state;

	say_hello(f);
	send(f, FRAME_START, 0, NULL, 0);
	send_text(f, FRAME_OUTPUT, 0, "ab");
	assert_int_equal(collect_cut(&f->c, &f->e), 0);
	assert_int_equal(collect_push(&f->c, "SVBF", 4, &f->e), 0);
	assert_int_equal(collect_cut(&f->c, &f->e), -EPROTO);
	collect_rest(&f->c);
	assert_string_equal(f->log, "hello start0 out0=ab end0=4/0 end1=0/0 ");
	assert_string_equal(
	        json_string_value(json_object_get(json_array_get(f->c.ended, 1), "how")),
	        "never ran");
}

static void test_deadline_of_a_job(void **state)
{
	struct fixture *f = *state;

	f->jobs[0].seconds = 2;
	say_hello(f);
	assert_true(f->c.job_deadline.at == deadline_never().at);
	send(f, FRAME_START, 0, NULL, 0);
	assert_in_range((int)deadline_left(&f->c.job_deadline), COLLECT_GRACE_SECONDS,
	                2 + COLLECT_GRACE_SECONDS);
	assert_int_equal(
	        send_exit(f, 0, (struct frame_exit){.signal = 9, .how = FRAME_EXIT_DEADLINE}), 0);
	assert_true(f->c.job_deadline.at == deadline_never().at);
	assert_string_equal(f->log, "hello start0 end0=3/9 ");
}

static void test_caller_ends_it(void **state)
{
	struct fixture *f = *state;

	f->cancel_at = 3;
	say_hello(f);
	send(f, FRAME_START, 0, NULL, 0);
	assert_int_equal(send_text(f, FRAME_OUTPUT, 0, "a"), -ECANCELED);
	assert_int_equal(send_text(f, FRAME_OUTPUT, 0, "b"), 0);
	assert_string_equal(f->log, "hello start0 out0=a ");
}

static void test_frames_in_any_pieces(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[256];
	size_t n = frame_encode(FRAME_HELLO, FRAME_NO_JOB, 0, HELLO, sizeof(HELLO) - 1, bytes);

	n += frame_encode(FRAME_START, 0, 1, NULL, 0, bytes + n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(collect_push(&f->c, bytes + i, 1, &f->e), 0);
	assert_string_equal(f->log, "hello start0 ");
}

/* The guest of a line is answered when the line lets it go, and what it measured is told first. */
static void test_held_at_the_line(void **state)
{
	const struct vm_meeting met = {.guests = 2, .together = 0.5};
	struct fixture *f = *state;

	f->events.mark = on_mark;
	f->events.met = on_met;
	assert_int_equal(line_open(1, &f->c.line, &f->e), 0);
	say_hello(f);
	assert_true(f->c.held);
	assert_int_equal(f->c.answers, 0);
	assert_int_equal(collect_release(&f->c, &met, &f->e), 0);
	assert_int_equal(f->c.answers, 1);
	assert_int_equal(send(f, FRAME_START, 0, NULL, 0), 0);
	assert_int_equal(send_text(f, FRAME_MARK, 0, MARK_BEGIN), 0);
	assert_false(collect_has_results(&f->c));
	assert_int_equal(collect_release(&f->c, &met, &f->e), 0);
	assert_int_equal(send_text(f, FRAME_MARK, 0, MARK_END), 0);
	assert_true(collect_has_results(&f->c));
	/* A second one from a job that does not wait is answered, and meets nobody. */
	assert_int_equal(send_text(f, FRAME_MARK, 0, "more"), 0);
	assert_int_equal(f->c.answers, 3);
	assert_int_equal(collect_release(&f->c, &met, &f->e), 0);
	assert_false(f->c.held);
	assert_int_equal(f->c.answers, 4);
	assert_string_equal(f->log, "hello start0 mark=begin met0=2 mark=end ");
	line_close(f->c.line);
	f->c.line = NULL;
}

/* What is told of the jobs of a guest that died before them does not let the others go. */
static void test_rest_is_no_point_of_the_line(void **state)
{
	struct fixture *f = *state;
	struct vm_meeting met;
	struct line *line;

	assert_int_equal(line_open(2, &line, &f->e), 0);
	f->c.line = line;
	line_arrive(line, 1);
	collect_rest(&f->c);
	assert_int_equal(line_ask(line, 1, &met), LINE_WAIT);
	line_close(line);
	f->c.line = NULL;
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_whole_run),
	        t(test_identity),
	        t(test_hello_that_is_no_json),
	        t(test_hello_that_says_too_much),
	        t(test_something_before_hello),
	        t(test_second_hello),
	        t(test_wrong_job),
	        t(test_output_without_job),
	        t(test_host_frame_from_guest),
	        t(test_a_job_sends_no_more_than_it_may),
	        t(test_every_job_has_its_own_bytes),
	        t(test_marks_have_an_end),
	        t(test_frames_without_bytes),
	        t(test_lost_output),
	        t(test_end_that_does_not_agree),
	        t(test_cut_and_never_ran),
	        t(test_deadline_of_a_job),
	        t(test_caller_ends_it),
	        t(test_frames_in_any_pieces),
	        t(test_held_at_the_line),
	        t(test_rest_is_no_point_of_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
