/* SPDX-License-Identifier: MIT */
#include "vmrun/wire/frame.h"

#include <errno.h>

#include "tests/cmocka.h"

#define STREAM_ROOM (4 * (FRAME_HEADER + FRAME_PAYLOAD_MAX))

/* A stream of frames, and where each begins, so that a test can cut, swap or change one. */
struct stream {
	uint8_t bytes[STREAM_ROOM];
	size_t length;
};

static void add(struct stream *s, enum frame_type type, uint16_t job, uint32_t sequence,
                const void *payload, uint32_t length)
{
	assert_true(s->length + FRAME_HEADER + length <= sizeof(s->bytes));
	s->length += frame_encode(type, job, sequence, payload, length, s->bytes + s->length);
}

/* Push everything and expect the first failure to be a sentence with `needle` in it. */
static void expect_broken(const struct stream *s, unsigned good_frames, const char *needle)
{
	struct frame_reader r = {0};
	struct frame f;
	struct err e = {""};
	unsigned i;

	assert_int_equal(frame_reader_push(&r, s->bytes, s->length, &e), 0);
	for (i = 0; i < good_frames; i++)
		assert_int_equal(frame_reader_next(&r, &f, &e), 1);
	assert_int_equal(frame_reader_next(&r, &f, &e), -EPROTO);
	assert_says(e, needle);
	memset(&e, 0, sizeof(e));
	assert_int_equal(frame_reader_next(&r, &f, &e), -EPROTO);
	assert_says(e, needle);
	frame_reader_free(&r);
}

static struct stream *new_stream(void)
{
	struct stream *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	return s;
}

static void test_layout_is_the_documented_one(void **state)
{
	uint8_t out[FRAME_HEADER + 3];

	(void)state;
	assert_int_equal(frame_encode(FRAME_OUTPUT, 0x0201, 0x06050403, "abc", 3, out), 27);
	assert_memory_equal(out, "SVBF", 4);
	assert_memory_equal(out + 4, "\x01\x03\x01\x02\x03\x04\x05\x06\x03\0\0\0\0\0\0\0", 16);
	/* CRC-32 of the 20 bytes before it and "abc", by an independent implementation. */
	assert_memory_equal(out + 20, "\x16\x7e\x6d\x24", 4);
	assert_memory_equal(out + 24, "abc", 3);
}

static void test_reads_back_byte_by_byte(void **state)
{
	struct stream *s = new_stream();
	struct frame_reader r = {0};
	struct frame f = {0};
	struct err e;
	unsigned seen = 0;
	size_t i;

	(void)state;
	add(s, FRAME_HELLO, FRAME_NO_JOB, 0, "{}", 2);
	add(s, FRAME_START, 0, 1, NULL, 0);
	add(s, FRAME_OUTPUT, 0, 2, "a\0b\n", 4);
	for (i = 0; i < s->length; i++) {
		int rc;

		assert_int_equal(frame_reader_push(&r, s->bytes + i, 1, &e), 0);
		rc = frame_reader_next(&r, &f, &e);
		if (rc == 0) {
			assert_int_equal(frame_reader_end(&r, &e), -EPROTO);
			continue;
		}
		assert_int_equal(rc, 1);
		assert_int_equal(f.sequence, seen);
		assert_int_equal(frame_reader_end(&r, &e), 0);
		seen++;
	}
	assert_int_equal(seen, 3);
	assert_int_equal(f.type, FRAME_OUTPUT);
	assert_int_equal(f.job, 0);
	assert_int_equal(f.length, 4);
	assert_memory_equal(f.payload, "a\0b\n", 4);
	frame_reader_free(&r);
	free(s);
}

static void test_longest_payload_and_one_more(void **state)
{
	struct stream *s = new_stream();
	uint8_t *payload = calloc(1, FRAME_PAYLOAD_MAX + 1);
	struct frame_reader r = {0};
	struct frame f;
	struct err e;

	(void)state;
	assert_non_null(payload);
	payload[FRAME_PAYLOAD_MAX - 1] = 7;
	add(s, FRAME_OUTPUT, 3, 0, payload, FRAME_PAYLOAD_MAX);
	assert_int_equal(frame_reader_push(&r, s->bytes, s->length, &e), 0);
	assert_int_equal(frame_reader_next(&r, &f, &e), 1);
	assert_int_equal(f.length, FRAME_PAYLOAD_MAX);
	assert_int_equal(f.payload[FRAME_PAYLOAD_MAX - 1], 7);
	assert_int_equal(frame_encode(FRAME_OUTPUT, 3, 0, payload, FRAME_PAYLOAD_MAX + 1, s->bytes),
	                 0);
	frame_reader_free(&r);
	free(payload);
	free(s);
}

static void test_says_what_is_wrong(void **state)
{
	struct stream *s = new_stream();
	size_t at;

	(void)state;
	add(s, FRAME_HELLO, FRAME_NO_JOB, 0, "{}", 2);
	add(s, FRAME_HELLO, FRAME_NO_JOB, 0, "{}", 2);
	expect_broken(s, 1, "frame 0 (HELLO) came twice: frame 1 was expected");

	s->length = 0;
	add(s, FRAME_HELLO, FRAME_NO_JOB, 0, "{}", 2);
	add(s, FRAME_OUTPUT, 0, 2, "x", 1);
	add(s, FRAME_START, 0, 1, NULL, 0);
	expect_broken(s, 1, "1 frame is missing or out of order: frame 2 (OUTPUT) came");

	s->length = 0;
	add(s, FRAME_HELLO, FRAME_NO_JOB, 0, "{}", 2);
	add(s, FRAME_START, 0, 1, NULL, 0);
	add(s, FRAME_START, 0, 2, NULL, 0);
	add(s, FRAME_HELLO, FRAME_NO_JOB, 0, "{}", 2);
	expect_broken(s, 3, "frame 0 (HELLO) came again or out of order: frame 3 was expected");

	s->length = 0;
	add(s, FRAME_HELLO, FRAME_NO_JOB, 0, "{}", 2);
	at = s->length;
	add(s, FRAME_OUTPUT, 0, 1, "hello", 5);
	s->bytes[at + FRAME_HEADER + 2] ^= 0x10;
	expect_broken(s, 1, "frame 1 is corrupted");
	s->bytes[at + FRAME_HEADER + 2] ^= 0x10;
	s->bytes[at + 8] ^= 0x01; /* a changed sequence is corruption, not a lost frame */
	expect_broken(s, 1, "frame 1 is corrupted");
	s->bytes[at + 8] ^= 0x01;
	s->bytes[at] = 'X';
	expect_broken(s, 1,
	              "no frame begins at byte 26 of the stream, where frame 1 should: found 58");
	s->bytes[at] = 'S';
	s->bytes[at + 4] = FRAME_VERSION + 1;
	expect_broken(s, 1, "version 2, this program reads version 1");
	s->bytes[at + 4] = FRAME_VERSION;
	memset(s->bytes + at + 12, 0xff, 4);
	expect_broken(s, 1, "4294967295 bytes, more than the 65536");
	free(s);
}

static void test_unknown_type(void **state)
{
	struct stream *s = new_stream();

	(void)state;
	add(s, (enum frame_type)0, 0, 0, NULL, 0);
	expect_broken(s, 0, "type 0");
	s->length = 0;
	add(s, (enum frame_type)(FRAME_GO + 1), 0, 0, NULL, 0);
	expect_broken(s, 0, "does not know");
	assert_string_equal(frame_type_name(FRAME_MARK), "MARK");
	assert_string_equal(frame_type_name(0), "?");
	assert_string_equal(frame_type_name(255), "?");
	free(s);
}

static void test_says_where_it_was_cut(void **state)
{
	struct stream *s = new_stream();
	struct frame_reader r = {0};
	struct frame f;
	struct err e;

	(void)state;
	assert_int_equal(frame_reader_end(&r, &e), 0);
	add(s, FRAME_OUTPUT, 0, 0, "12345", 5);
	assert_int_equal(frame_reader_push(&r, s->bytes, 10, &e), 0);
	assert_int_equal(frame_reader_next(&r, &f, &e), 0);
	assert_int_equal(frame_reader_end(&r, &e), -EPROTO);
	assert_says(e, "in the header of frame 0: 10 of 24 bytes");
	assert_int_equal(frame_reader_push(&r, s->bytes + 10, 17, &e), 0);
	assert_int_equal(frame_reader_next(&r, &f, &e), 0);
	assert_int_equal(frame_reader_end(&r, &e), -EPROTO);
	assert_says(e, "cut in frame 0: 3 of 5 bytes");
	frame_reader_free(&r);
	free(s);
}

static void test_fixed_payloads(void **state)
{
	struct frame_exit in = {.code = 3,
	                        .signal = 9,
	                        .how = FRAME_EXIT_DEADLINE,
	                        .oom_kills = 1,
	                        .output_bytes = 1ULL << 40,
	                        .error_bytes = 5};
	struct frame_end end = {.jobs = 2, .frames = 17};
	struct stream *s = new_stream();
	struct frame_reader r = {0};
	struct frame_exit out;
	struct frame_end end_out;
	struct frame f;
	struct err e;

	(void)state;
	add(s, FRAME_EXIT, 1, 0, &in, sizeof(in));
	add(s, FRAME_END, FRAME_NO_JOB, 1, &end, sizeof(end));
	add(s, FRAME_END, FRAME_NO_JOB, 2, &end, sizeof(end) - 1);
	assert_int_equal(frame_reader_push(&r, s->bytes, s->length, &e), 0);
	assert_int_equal(frame_reader_next(&r, &f, &e), 1);
	assert_int_equal(frame_read_exit(&f, &out, &e), 0);
	assert_memory_equal(&in, &out, sizeof(in));
	assert_int_equal(frame_read_end(&f, &end_out, &e), -EPROTO);
	assert_says(e, "EXIT where END was expected");
	assert_int_equal(frame_reader_next(&r, &f, &e), 1);
	assert_int_equal(frame_read_end(&f, &end_out, &e), 0);
	assert_memory_equal(&end, &end_out, sizeof(end));
	assert_int_equal(frame_reader_next(&r, &f, &e), 1);
	assert_int_equal(frame_read_end(&f, &end_out, &e), -EPROTO);
	assert_says(e, "7 bytes of payload, not 8");
	frame_reader_free(&r);
	free(s);
}

/* Whatever is changed in a good stream, the reader either waits for more or says it is broken. */
static void test_every_single_bit_flip_is_seen(void **state)
{
	struct stream *s = new_stream();
	size_t bit;

	(void)state;
	add(s, FRAME_OUTPUT, 0, 0, "some bytes", 10);
	for (bit = 0; bit < s->length * 8; bit++) {
		struct frame_reader r = {0};
		struct frame f;
		struct err e;

		s->bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
		assert_int_equal(frame_reader_push(&r, s->bytes, s->length, &e), 0);
		assert_int_not_equal(frame_reader_next(&r, &f, &e), 1);
		assert_int_equal(frame_reader_end(&r, &e), -EPROTO);
		frame_reader_free(&r);
		s->bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
	}
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_layout_is_the_documented_one),
	        cmocka_unit_test(test_reads_back_byte_by_byte),
	        cmocka_unit_test(test_longest_payload_and_one_more),
	        cmocka_unit_test(test_says_what_is_wrong),
	        cmocka_unit_test(test_unknown_type),
	        cmocka_unit_test(test_says_where_it_was_cut),
	        cmocka_unit_test(test_fixed_payloads),
	        cmocka_unit_test(test_every_single_bit_flip_is_seen),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
