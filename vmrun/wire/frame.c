/* SPDX-License-Identifier: MIT */
#include "vmrun/wire/frame.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Offsets in the header; frame.h has the table. */
enum {
	AT_MAGIC = 0,
	AT_VERSION = 4,
	AT_TYPE = 5,
	AT_JOB = 6,
	AT_SEQUENCE = 8,
	AT_LENGTH = 12,
	AT_RESERVED = 16,
	AT_CRC = 20
};

static void put16(uint8_t *at, uint16_t value)
{
	value = htole16(value);
	memcpy(at, &value, sizeof(value));
}

static void put32(uint8_t *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
}

static uint16_t get16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return le16toh(value);
}

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static uint64_t get64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

static uint32_t checksum(const uint8_t *header, const uint8_t *payload, uint32_t length)
{
	uLong crc = crc32(0, header, AT_CRC);

	/* zlib takes a NULL buffer for a request to start anew. */
	if (length)
		crc = crc32(crc, payload, length);
	return (uint32_t)crc;
}

const char *frame_type_name(unsigned type)
{
	static const char *const names[] = {
	        [FRAME_HELLO] = "HELLO", [FRAME_START] = "START", [FRAME_OUTPUT] = "OUTPUT",
	        [FRAME_ERROR] = "ERROR", [FRAME_EXIT] = "EXIT",   [FRAME_END] = "END",
	        [FRAME_MARK] = "MARK",   [FRAME_GO] = "GO",
	};

	if (type >= sizeof(names) / sizeof(names[0]) || !names[type])
		return "?";
	return names[type];
}

size_t frame_encode(enum frame_type type, uint16_t job, uint32_t sequence, const void *payload,
                    uint32_t length, uint8_t *out)
{
	if (length > FRAME_PAYLOAD_MAX)
		return 0;
	put32(out + AT_MAGIC, FRAME_MAGIC);
	out[AT_VERSION] = FRAME_VERSION;
	out[AT_TYPE] = (uint8_t)type;
	put16(out + AT_JOB, job);
	put32(out + AT_SEQUENCE, sequence);
	put32(out + AT_LENGTH, length);
	put32(out + AT_RESERVED, 0);
	if (length)
		memcpy(out + FRAME_HEADER, payload, length);
	put32(out + AT_CRC, checksum(out, out + FRAME_HEADER, length));
	return FRAME_HEADER + (size_t)length;
}

/* That `frame` is of `type` and has `size` bytes of payload. */
static int check_payload(const struct frame *frame, enum frame_type type, size_t size,
                         struct err *e)
{
	if (frame->type != type)
		return err_set(e, EPROTO, "frame %" PRIu32 " is %s where %s was expected",
		               frame->sequence, frame_type_name(frame->type),
		               frame_type_name(type));
	if (frame->length != size)
		return err_set(e, EPROTO,
		               "frame %" PRIu32 " (%s) has %" PRIu32 " bytes of payload, not %zu",
		               frame->sequence, frame_type_name(type), frame->length, size);
	return 0;
}

int frame_read_exit(const struct frame *frame, struct frame_exit *out, struct err *e)
{
	int rc = check_payload(frame, FRAME_EXIT, sizeof(*out), e);

	if (rc)
		return rc;
	out->code = get32(frame->payload + offsetof(struct frame_exit, code));
	out->signal = get32(frame->payload + offsetof(struct frame_exit, signal));
	out->how = get32(frame->payload + offsetof(struct frame_exit, how));
	out->oom_kills = get32(frame->payload + offsetof(struct frame_exit, oom_kills));
	out->output_bytes = get64(frame->payload + offsetof(struct frame_exit, output_bytes));
	out->error_bytes = get64(frame->payload + offsetof(struct frame_exit, error_bytes));
	return 0;
}

int frame_read_end(const struct frame *frame, struct frame_end *out, struct err *e)
{
	int rc = check_payload(frame, FRAME_END, sizeof(*out), e);

	if (rc)
		return rc;
	out->jobs = get32(frame->payload + offsetof(struct frame_end, jobs));
	out->frames = get32(frame->payload + offsetof(struct frame_end, frames));
	return 0;
}

int frame_reader_push(struct frame_reader *r, const void *bytes, size_t length, struct err *e)
{
	if (!length)
		return 0;
	if (r->used) {
		memmove(r->buffer, r->buffer + r->used, r->fill - r->used);
		r->fill -= r->used;
		r->used = 0;
	}
	if (length > r->room - r->fill) {
		size_t room = r->fill + length + FRAME_HEADER + FRAME_PAYLOAD_MAX;
		uint8_t *buffer = realloc(r->buffer, room);

		if (!buffer)
			return err_set(e, ENOMEM, "no memory for %zu bytes of frames", room);
		r->buffer = buffer;
		r->room = room;
	}
	memcpy(r->buffer + r->fill, bytes, length);
	r->fill += length;
	return 0;
}

/* What can be said of a header alone: whether it is one, and how much of the stream it covers. */
static int check_header(const struct frame_reader *r, const uint8_t *header, struct err *e)
{
	uint32_t length = get32(header + AT_LENGTH);

	if (get32(header + AT_MAGIC) != FRAME_MAGIC)
		return err_set(
		        e, EPROTO,
		        "no frame begins at byte %" PRIu64 " of the stream, where frame %" PRIu32
		        " should: found %02x %02x %02x %02x",
		        r->consumed, r->next_sequence, header[0], header[1], header[2], header[3]);
	if (header[AT_VERSION] != FRAME_VERSION)
		return err_set(e, EPROTO,
		               "frame %" PRIu32
		               " is of version %u, this program reads version %d: guest-init and "
		               "vmrun must come from the same build",
		               r->next_sequence, header[AT_VERSION], FRAME_VERSION);
	if (length > FRAME_PAYLOAD_MAX)
		return err_set(e, EPROTO,
		               "frame %" PRIu32 " says its payload has %" PRIu32
		               " bytes, more than the %d that a frame may have",
		               r->next_sequence, length, FRAME_PAYLOAD_MAX);
	return 0;
}

/* A whole frame whose header makes sense: was anything changed, lost or repeated? */
static int check_frame(const struct frame_reader *r, const uint8_t *header, struct err *e)
{
	uint32_t length = get32(header + AT_LENGTH);
	uint32_t sequence = get32(header + AT_SEQUENCE);
	uint32_t crc = checksum(header, header + FRAME_HEADER, length);
	uint32_t expected = r->next_sequence;

	if (crc != get32(header + AT_CRC))
		return err_set(e, EPROTO,
		               "frame %" PRIu32 " is corrupted: its CRC-32 says %08" PRIx32
		               ", its bytes give %08" PRIx32,
		               expected, get32(header + AT_CRC), crc);
	if (sequence < expected)
		return err_set(
		        e, EPROTO, "frame %" PRIu32 " (%s) came %s: frame %" PRIu32 " was expected",
		        sequence, frame_type_name(header[AT_TYPE]),
		        sequence + 1 == expected ? "twice" : "again or out of order", expected);
	if (sequence > expected)
		return err_set(e, EPROTO,
		               "%" PRIu32 " frame%s missing or out of order: frame %" PRIu32
		               " (%s) came where frame %" PRIu32 " was expected",
		               sequence - expected, sequence - expected == 1 ? " is" : "s are",
		               sequence, frame_type_name(header[AT_TYPE]), expected);
	if (header[AT_TYPE] < FRAME_HELLO || header[AT_TYPE] > FRAME_GO)
		return err_set(e, EPROTO,
		               "frame %" PRIu32 " is of type %u, which this program does not know",
		               sequence, header[AT_TYPE]);
	if (get32(header + AT_RESERVED))
		return err_set(e, EPROTO,
		               "frame %" PRIu32 " has a value in its reserved field: %08" PRIx32,
		               sequence, get32(header + AT_RESERVED));
	return 0;
}

int frame_reader_next(struct frame_reader *r, struct frame *frame, struct err *e)
{
	size_t have = r->fill - r->used;
	const uint8_t *header;
	uint32_t length;
	int rc;

	if (have < FRAME_HEADER)
		return 0;
	header = r->buffer + r->used;
	rc = check_header(r, header, e);
	if (rc)
		return rc;
	length = get32(header + AT_LENGTH);
	if (have - FRAME_HEADER < length)
		return 0;
	rc = check_frame(r, header, e);
	if (rc)
		return rc;
	frame->type = (enum frame_type)header[AT_TYPE];
	frame->job = get16(header + AT_JOB);
	frame->sequence = get32(header + AT_SEQUENCE);
	frame->length = length;
	frame->payload = header + FRAME_HEADER;
	r->used += FRAME_HEADER + (size_t)length;
	r->consumed += FRAME_HEADER + (uint64_t)length;
	r->next_sequence++;
	return 1;
}

bool frame_reader_within(const struct frame_reader *r, uint64_t *at)
{
	*at = r->consumed;
	return r->fill > r->used;
}

int frame_reader_end(const struct frame_reader *r, struct err *e)
{
	size_t have = r->fill - r->used;

	if (!have)
		return 0;
	if (have < FRAME_HEADER)
		return err_set(e, EPROTO,
		               "the stream was cut in the header of frame %" PRIu32
		               ": %zu of %d bytes arrived",
		               r->next_sequence, have, FRAME_HEADER);
	return err_set(e, EPROTO,
	               "the stream was cut in frame %" PRIu32
	               ": %zu of %zu bytes of payload arrived",
	               r->next_sequence, have - FRAME_HEADER,
	               (size_t)get32(r->buffer + r->used + AT_LENGTH));
}

void frame_reader_free(struct frame_reader *r)
{
	free(r->buffer);
	*r = (struct frame_reader){0};
}
