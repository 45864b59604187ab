/* SPDX-License-Identifier: MIT */
/* The guest's end of the virtio-serial port: frames out, GO frames in. */
#ifndef VMRUN_GUEST_GUEST_PORT_H
#define VMRUN_GUEST_GUEST_PORT_H

#include <stdint.h>

#include "harness/err.h"
#include "vmrun/wire/frame.h"

struct guest_port {
	int fd;            /* non-blocking; a hung-up host is -EPIPE, so SIGPIPE must be ignored */
	uint32_t sequence; /* of the next frame: how many were sent */
	struct frame_reader reader;
};

/* Send one frame, all of it, however long the host takes. -EPIPE when the host hung up. */
int guest_port_send(struct guest_port *port, enum frame_type type, uint16_t job,
                    const void *payload, uint32_t length, struct err *e);

/*
 * Read what has come, without waiting: the number of GO frames, 0 or more. -EPIPE when the host
 * hung up, -EPROTO when it sent anything but GO.
 */
int guest_port_receive(struct guest_port *port, struct err *e);

/* Wait for one GO, `seconds` at most (-1: for ever). -ETIME when it did not come. */
int guest_port_wait(struct guest_port *port, int seconds, struct err *e);

#endif
