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
#ifndef VMRUN_WIRE_FRAME_H
#define VMRUN_WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"
#include "harness/mark.h"

#define FRAME_MAGIC       0x46425653U /* "SVBF" read as little endian */
#define FRAME_VERSION     1
#define FRAME_HEADER      24
#define FRAME_PAYLOAD_MAX 65536
#define FRAME_NO_JOB      0xffff
#define FRAME_END_SECONDS 5

/* The name of the virtserialport; init finds it by this (/sys/class/virtio-ports). */
#define FRAME_PORT_NAME "sevbench.0"

/*
 * The guest speaks first: HELLO, and waits for GO. Then for every job, in order: START, any OUTPUT,
 * ERROR and MARK, EXIT. At last END. The host sends a GO for the HELLO, for every MARK and for the
 * END, no more. Without that last GO a guest that powers off could take the end of the stream with
 * it: it waits for the GO, or for the host to hang up, before it goes (FRAME_END_SECONDS at most).
 * A guest whose host hangs up powers off at once, whatever it was doing.
 */
enum frame_type {
	FRAME_HELLO = 1, /* guest: JSON, see below */
	FRAME_START,     /* guest: job begins; empty */
	FRAME_OUTPUT,    /* guest: bytes of the job's standard output */
	FRAME_ERROR,     /* guest: bytes of the job's standard error */
	FRAME_EXIT,      /* guest: struct frame_exit */
	FRAME_END,       /* guest: struct frame_end; nothing follows */
	FRAME_MARK,      /* guest: a job's signal: one line of text, see below */
	FRAME_GO         /* host: acknowledges a HELLO, MARK or END; empty */
};

/*
 * The JSON object of HELLO, all of it observed by the guest itself:
 *   "platform", "accel"     as platform_name and accel_name write them; null: not to be told
 *   "how"                   what that rests on, or why it cannot be told (sev_observe)
 *   "hypervisor"            CPUID signature
 *   "cpuid_8000001f"        EAX, EBX, ECX, EDX; null where the leaf does not exist
 *   "sev_status"            value of that MSR; null where it could not be read
 *   "release", "version"    uname of the guest's Linux
 *   "command_line"          of the guest's Linux
 *   "cpus", "memory_kib"    online CPUs; MemTotal
 *   "modules"               how many modules it was given
 *   "module_errors"         a sentence for each that Linux refused
 *   "uptime_ms"             Linux's own clock when PID 1 began: what the boot took inside
 *   "ready_ms"              the same when HELLO was made
 *   "perf_event_paranoid"   what that setting of Linux was, where PID 1 lowered it to 2 so that
 *                           programs can count events of the CPU; absent where it did not
 *   "jobs"                  how many jobs it will run
 *   "marker"                the masked marker that its memory holds until GO (marker.h); absent
 *                           where none was asked for
 *
 * A job that wants to meet the host at some point (so that it is looked at, paused or changed from
 * outside) writes a line to the file descriptor that the variable FRAME_MARK_VARIABLE names and
 * reads one byte from it: that comes when the host has answered the MARK. The variable is absent
 * natively.
 */
#define FRAME_MARK_VARIABLE MARK_VARIABLE
#define FRAME_MARK_MAX      1023 /* longest line, without its newline */

/* Payloads of fixed size; every field little endian. */
enum frame_exit_how {
	FRAME_EXIT_ITSELF,   /* it ended by itself: `code`, or `signal` when that is not 0 */
	FRAME_EXIT_DEADLINE, /* past its deadline, killed by init */
	FRAME_EXIT_NO_EXEC   /* it could not be started: code 127, and an ERROR frame says why */
};
struct frame_exit {
	uint32_t code;         /* exit status, when signal is 0 */
	uint32_t signal;       /* signal that ended it; 0: it exited */
	uint32_t how;          /* enum frame_exit_how */
	uint32_t oom_kills;    /* processes that Linux killed for lack of memory meanwhile */
	uint64_t output_bytes; /* how many bytes of OUTPUT were sent for this job */
	uint64_t error_bytes;  /* the same for ERROR */
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

/* "HELLO", "OUTPUT" ...; "?" for a number that is no type. */
const char *frame_type_name(unsigned type);

/*
 * Write header and payload into `out` (FRAME_HEADER + length bytes). Returns that number, or 0 and
 * writes nothing when `length` is above FRAME_PAYLOAD_MAX. `payload` may be NULL when length is 0.
 */
size_t frame_encode(enum frame_type type, uint16_t job, uint32_t sequence, const void *payload,
                    uint32_t length, uint8_t *out);

/* Read a payload of fixed size. 0, or -EPROTO when the frame is of another type or size. */
int frame_read_exit(const struct frame *frame, struct frame_exit *out, struct err *e);
int frame_read_end(const struct frame *frame, struct frame_end *out, struct err *e);

/* An incremental reader. Zero-initialise; frame_reader_free() when done. */
struct frame_reader {
	uint8_t *buffer; /* owned */
	size_t fill, used, room;
	uint64_t consumed; /* bytes of the stream before buffer[used], for the sentences */
	uint32_t next_sequence;
};

/* Append bytes as they came. 0 or -ENOMEM. */
int frame_reader_push(struct frame_reader *r, const void *bytes, size_t length, struct err *e);

/*
 * 1: *frame is the next one; 0: more bytes are needed; -EPROTO: the stream is broken, and how. A
 * broken stream stays broken: every further call says the same.
 */
int frame_reader_next(struct frame_reader *r, struct frame *frame, struct err *e);

/* Has a frame begun that is not whole yet? *at: the byte of the stream that it begins with. */
bool frame_reader_within(const struct frame_reader *r, uint64_t *at);

/* The stream has ended: 0 between two frames, -EPROTO when it was cut inside one, and where. */
int frame_reader_end(const struct frame_reader *r, struct err *e);
void frame_reader_free(struct frame_reader *r);

#endif
