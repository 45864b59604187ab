/* SPDX-License-Identifier: MIT */
/*
 * QEMU's monitor protocol: JSON objects, one a line, over a socket. Every wait is bounded, and what
 * is not the protocol is an error, never a crash.
 */
#ifndef VMRUN_QEMU_QMP_H
#define VMRUN_QEMU_QMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "harness/err.h"
#include "vmrun/system/deadline.h"

#define QMP_LINE_MAX   (1U << 20) /* a longer line is no answer of QEMU's */
#define QMP_EVENTS_MAX 256        /* kept: some are made by what the guest does, as it likes */

struct qmp {
	int fd;     /* owned */
	int cancel; /* a wait ends with -EINTR when this becomes readable; -1: none */
	char *buffer;
	size_t fill, room;
	json_int_t id;
	json_t *events; /* array of events that nobody has taken yet, the last QMP_EVENTS_MAX */
	bool dead;      /* the other side has closed, or talks nonsense */
};

/* Take over `fd`, read the greeting and agree on capabilities. qmp_close() also after a failure. */
int qmp_open(struct qmp *qmp, int fd, int cancel, struct deadline deadline, struct err *e);

/*
 * Run a command. `arguments` is stolen; NULL: none. *result is a new reference; NULL: not wanted.
 * -ETIMEDOUT, -EINTR (cancel), -EPIPE (QEMU closed), -EPROTO (nonsense), -EIO (QEMU refused: why).
 */
int qmp_command(struct qmp *qmp, const char *command, json_t *arguments, struct deadline deadline,
                json_t **result, struct err *e);

/* Read what has come, without waiting. 0, -EPIPE when QEMU has closed, -EPROTO for nonsense. */
int qmp_pump(struct qmp *qmp, struct err *e);

/* The oldest event that nobody has taken: a new reference, or NULL. */
json_t *qmp_take_event(struct qmp *qmp);

void qmp_close(struct qmp *qmp);

#endif
