/* SPDX-License-Identifier: MIT */
#include "vmrun/guest/guest_port.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

static int hung_up(struct err *e)
{
	return err_set(e, EPIPE, "the host hung up");
}

/* Wait until the port can be written, or has been hung up. */
static int wait_writable(int fd, struct err *e)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};

	while (poll(&poller, 1, -1) < 0)
		if (errno != EINTR)
			return err_errno(e, "cannot wait for the virtio port");
	return poller.revents & (POLLHUP | POLLERR | POLLNVAL) ? hung_up(e) : 0;
}

static int write_all(int fd, const uint8_t *bytes, size_t length, struct err *e)
{
	while (length) {
		ssize_t done = write(fd, bytes, length);
		int rc = 0;

		if (done >= 0) {
			bytes += done;
			length -= (size_t)done;
		} else if (errno == EAGAIN) {
			rc = wait_writable(fd, e);
		} else if (errno == EPIPE) {
			rc = hung_up(e);
		} else if (errno != EINTR) {
			rc = err_errno(e, "cannot write to the virtio port");
		}
		if (rc)
			return rc;
	}
	return 0;
}

int guest_port_send(struct guest_port *port, enum frame_type type, uint16_t job,
                    const void *payload, uint32_t length, struct err *e)
{
	uint8_t bytes[FRAME_HEADER + FRAME_PAYLOAD_MAX];
	size_t total = frame_encode(type, job, port->sequence, payload, length, bytes);

	if (!total)
		return err_set(e, EINVAL, "a %s frame of %u bytes is too long",
		               frame_type_name(type), length);
	port->sequence++;
	return write_all(port->fd, bytes, total, e);
}

int guest_port_receive(struct guest_port *port, struct err *e)
{
	uint8_t bytes[256];
	struct frame frame;
	int count = 0;
	int rc;

	for (;;) {
		ssize_t got = read(port->fd, bytes, sizeof(bytes));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			break;
		if (got < 0)
			return err_errno(e, "cannot read from the virtio port");
		if (got == 0)
			return hung_up(e);
		rc = frame_reader_push(&port->reader, bytes, (size_t)got, e);
		if (rc)
			return rc;
	}
	while ((rc = frame_reader_next(&port->reader, &frame, e)) == 1) {
		if (frame.type != FRAME_GO)
			return err_set(e, EPROTO, "the host sent %s, a guest takes only GO",
			               frame_type_name(frame.type));
		count++;
	}
	return rc ? rc : count;
}

int guest_port_wait(struct guest_port *port, int seconds, struct err *e)
{
	struct pollfd poller = {.fd = port->fd, .events = POLLIN};

	for (;;) {
		int rc = poll(&poller, 1, seconds < 0 ? -1 : seconds * 1000);

		if (rc < 0 && errno == EINTR)
			continue;
		if (rc < 0)
			return err_errno(e, "cannot wait for the virtio port");
		if (rc == 0)
			return err_set(e, ETIME, "the host did not answer within %d s", seconds);
		rc = guest_port_receive(port, e);
		if (rc < 0)
			return rc;
		if (rc > 1)
			return err_set(e, EPROTO, "the host sent %d GO where one was due", rc);
		if (rc == 1)
			return 0;
	}
}
