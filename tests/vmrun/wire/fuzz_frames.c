/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer: what a guest sends. The first byte chooses: 0 bytes of the port as they are, 1 and 2
 * (with a start line) records that are made frames of, whose numbers and CRC are right unless the
 * record says otherwise, 3 a console. The second byte is how many bytes come at a time.
 */
#include "tests/fuzz.h"
#include "vmrun/wire/collect.h"
#include "vmrun/wire/logs.h"

#define JOBS 2u

/* Of a record: type, these, a length of two bytes, and so many bytes of payload. */
enum {
	OTHER_JOB = 1,      /* a byte more: that one in place of the one whose turn it is */
	OTHER_NUMBER = 2,   /* the sequence number is one too high */
	OTHER_CRC = 4,      /* of other bytes */
	WHAT_AGREES = 8,    /* EXIT and END: with the counts that the host has */
	HELLO_AS_ASKED = 16 /* in place of the payload */
};
static const char hello_as_asked[] =
        "{\"platform\": \"nosev\", \"accel\": \"tcg\", \"how\": \"CPUID\"}";

struct guest {
	struct collect collect;
	uint64_t output, error; /* bytes that the events had of this job */
	size_t next;            /* the job whose start or end comes next */
	bool running, greeted;
	struct err e;
};

static int on_hello(void *context, const json_t *hello)
{
	struct guest *g = context;

	must(!g->greeted && json_is_object(hello));
	g->greeted = true;
	return 0;
}

static int on_start(void *context, size_t job)
{
	struct guest *g = context;

	must(g->greeted && !g->running && job == g->next && job < JOBS);
	g->running = true;
	g->output = g->error = 0;
	return 0;
}

static int on_output(void *context, size_t job, const void *bytes, size_t length)
{
	struct guest *g = context;

	must(g->running && job == g->next && bytes && length && length <= FRAME_PAYLOAD_MAX);
	g->output += length;
	return 0;
}

static int on_error(void *context, size_t job, const void *bytes, size_t length)
{
	struct guest *g = context;

	must(g->running && job == g->next && bytes && length && length <= FRAME_PAYLOAD_MAX);
	g->error += length;
	return 0;
}

static int on_end(void *context, size_t job, enum vm_job_end how, int code)
{
	struct guest *g = context;

	(void)code;
	must(job == g->next && job < JOBS && g->running == (how != VM_JOB_NEVER_RAN));
	g->running = false;
	g->next++;
	return 0;
}

static int on_mark(void *context, size_t job, const char *line, const struct counts *counts)
{
	struct guest *g = context;

	must(g->running && job == g->next && strlen(line) <= FRAME_MARK_MAX && counts);
	return 0;
}

static int on_met(void *context, size_t job, const struct vm_meeting *met)
{
	struct guest *g = context;

	must(g->running && job == g->next && met);
	return 0;
}

static void push(struct guest *g, const uint8_t *bytes, size_t size, size_t step)
{
	static const struct vm_meeting met = {.guests = 1, .together = 1};

	for (size_t at = 0; at < size; at += step) {
		size_t some = size - at < step ? size - at : step;
		bool broken = g->collect.broken;
		int rc = collect_push(&g->collect, bytes + at, some, &g->e);

		must(!broken || rc == 0);
		must(!rc || (g->collect.broken && *g->e.text));
		if (!g->collect.broken && g->collect.held)
			must(!collect_release(&g->collect, &met, &g->e));
		must(g->collect.next_job == g->next && g->collect.answers <= g->collect.frames + 1);
	}
}

static size_t make_payload(const struct guest *g, enum frame_type type, uint8_t *payload)
{
	const struct frame_exit ended = {.output_bytes = g->output, .error_bytes = g->error};
	const struct frame_end end = {JOBS, g->collect.frames};

	if (type == FRAME_EXIT) {
		memcpy(payload, &ended, sizeof(ended));
		return sizeof(ended);
	}
	memcpy(payload, &end, sizeof(end));
	return sizeof(end);
}

static void send_record(struct guest *g, struct fuzz *f, uint32_t *sequence, size_t step)
{
	static uint8_t payload[FRAME_PAYLOAD_MAX], bytes[FRAME_HEADER + FRAME_PAYLOAD_MAX];
	enum frame_type type = (enum frame_type)fuzz_byte(f);
	uint8_t how = fuzz_byte(f);
	uint16_t length = fuzz_byte(f), job = (uint16_t)g->next;
	size_t size;

	length = (uint16_t)(length | fuzz_byte(f) << 8);
	if (how & OTHER_JOB)
		job = fuzz_byte(f);
	size = length < f->left ? length : f->left;
	fuzz_take(f, payload, size);
	if (how & WHAT_AGREES && (type == FRAME_EXIT || type == FRAME_END))
		size = make_payload(g, type, payload);
	if (how & HELLO_AS_ASKED) {
		size = sizeof(hello_as_asked) - 1;
		memcpy(payload, hello_as_asked, size);
	}
	size = frame_encode(type, job, *sequence + (how & OTHER_NUMBER ? 1 : 0), payload,
	                    (uint32_t)size, bytes);
	++*sequence;
	must(size);
	if (how & OTHER_CRC)
		bytes[20] ^= 1;
	push(g, bytes, size, step);
}

static void send_all(struct fuzz *f, bool records, bool line, size_t step)
{
	static struct vm_job jobs[JOBS] = {{.seconds = 1}, {.seconds = 0}};
	struct guest g = {.greeted = false};
	const struct vm_events events = {on_hello, on_start, on_output, on_error,
	                                 on_end,   on_mark,  on_met,    &g};
	uint32_t sequence = 0;

	g.collect = (struct collect){.platform = PLATFORM_NOSEV,
	                             .accel = ACCEL_TCG,
	                             .jobs = jobs,
	                             .job_count = JOBS,
	                             .events = &events};
	must(!line || !line_open(1, &g.collect.line, &g.e));
	must(!collect_init(&g.collect, &g.e));
	while (records && f->left)
		send_record(&g, f, &sequence, step);
	push(&g, f->data, f->left, step);
	must(!g.collect.complete || (g.next == JOBS && !g.running));
	collect_cut(&g.collect, &g.e);
	collect_rest(&g.collect);
	must(g.next == JOBS && json_array_size(g.collect.ended) == JOBS);
	if (g.collect.line)
		line_close(g.collect.line);
	collect_free(&g.collect);
}

static void hear_console(struct fuzz *f, size_t step)
{
	struct logs logs;
	char text[LOGS_TAIL + 1];
	struct err e = {""};

	must(!logs_open(&logs, NULL, "guest", &e));
	for (size_t some; f->left; f->data += some, f->left -= some) {
		some = f->left < step ? f->left : step;
		logs_console(&logs, f->data, some);
		logs_qemu(&logs, f->data, some);
	}
	logs_end(&logs.console, text);
	must(strlen(text) <= LOGS_TAIL && !strchr(text, '\033'));
	must(strlen(logs.panic) < sizeof(logs.panic));
	must(!logs_close(&logs, &e));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = {data, size};
	uint8_t what = fuzz_byte(&f);
	size_t step = 1u + fuzz_byte(&f) * 8u;

	if (what % 4 == 3)
		hear_console(&f, step);
	else
		send_all(&f, what % 4 > 0, what % 4 == 2, step);
	return 0;
}
