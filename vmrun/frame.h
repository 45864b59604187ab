/* SPDX-License-Identifier: MIT */
/*
 * The records that cross the virtio-serial port between the guest's PID 1 and vmrun. A frame is a
 * header (little endian, 24 bytes) and a payload; a reader detects what is cut, repeated, reordered
 * or corrupted, and says which.
 *
 *   offset 0  u32 magic "SVBF"
 *          4  u8  version (FRAME_VERSION)
 *          5  u8  type (enum frame_type)
 *          6  u16 job: index of the job it belongs to, FRAME_NO_JOB where it belongs to none
 *          8  u32 sequence: 0, 1, 2, ... without gaps in each direction
 *         12  u32 length of the payload, at most FRAME_PAYLOAD_MAX
 *         16  u32 reserved, 0
 *         20  u32 CRC-32 (zlib) of bytes 0..19 and the payload
 */
#ifndef VMRUN_FRAME_H
#define VMRUN_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"

#define FRAME_MAGIC       0x46425653U /* "SVBF" read as little endian */
#define FRAME_VERSION     1
#define FRAME_HEADER      24
#define FRAME_PAYLOAD_MAX 65536
#define FRAME_NO_JOB      0xffff

enum frame_type {
	FRAME_HELLO = 1, /* guest: JSON: what PID 1 sees of itself (struct sev_observation, Linux) */
	FRAME_START,     /* guest: job begins; empty */
	FRAME_OUTPUT,    /* guest: bytes of the job's standard output */
	FRAME_ERROR,     /* guest: bytes of the job's standard error */
	FRAME_EXIT,      /* guest: struct frame_exit */
	FRAME_END,       /* guest: struct frame_end; nothing follows */
	FRAME_MARK,      /* guest: a job's signal (text) that the host acknowledges before it goes on */
	FRAME_GO         /* host: acknowledges a HELLO or MARK; empty */
};

/* Payloads of fixed size; every field little endian. */
struct frame_exit {
	uint32_t code;         /* exit status, when signal is 0 */
	uint32_t signal;       /* signal that ended it; 0: it exited */
	uint64_t output_bytes; /* how many bytes of OUTPUT were sent for this job */
};
struct frame_end {
	uint32_t jobs;   /* how many jobs ran */
	uint32_t frames; /* how many frames came before this one */
};

struct frame {
	enum frame_type type;
	uint16_t job;
	uint32_t sequence;
	uint32_t length;
	const uint8_t *payload; /* inside the reader's buffer: valid until the next call on it */
};

/* Write header and payload into `out` (FRAME_HEADER + length bytes). Returns that number. */
size_t frame_encode(enum frame_type type, uint16_t job, uint32_t sequence, const void *payload,
                    uint32_t length, uint8_t *out);

/* An incremental reader. Zero-initialise; frame_reader_free() when done. */
struct frame_reader {
	uint8_t *buffer; /* owned */
	size_t fill, used, room;
	uint32_t next_sequence;
};

/* Append bytes as they came. 0 or -ENOMEM. */
int frame_reader_push(struct frame_reader *r, const void *bytes, size_t length, struct err *e);

/* 1: *frame is the next one; 0: more bytes are needed; -EPROTO: the stream is broken, and how. */
int frame_reader_next(struct frame_reader *r, struct frame *frame, struct err *e);
void frame_reader_free(struct frame_reader *r);

#endif
