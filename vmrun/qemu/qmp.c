/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/qmp.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_CHUNK 4096UL

static int broken(struct qmp *qmp, int errnum, struct err *e, const char *why, const char *text,
                  size_t length)
{
	qmp->dead = true;
	return err_set(e, errnum, "QEMU's monitor %s%s%.*s%s", why, length ? ": '" : "",
	               (int)(length < 80 ? length : 80), text, length ? "'" : "");
}

/* Append what is there. 1: something came; 0: nothing is there; negative: the end. */
static int receive(struct qmp *qmp, struct err *e)
{
	ssize_t n;

	if (qmp->dead)
		return err_set(e, EPIPE, "QEMU's monitor is closed");
	if (qmp->fill >= QMP_LINE_MAX)
		return broken(qmp, EPROTO, e, "sent a line without end", "", 0);
	if (qmp->room - qmp->fill < READ_CHUNK) {
		char *more = realloc(qmp->buffer, qmp->room + READ_CHUNK * 4);

		if (!more)
			return err_set(e, ENOMEM, "no memory for QEMU's answer");
		qmp->buffer = more;
		qmp->room += READ_CHUNK * 4;
	}
	do
		n = recv(qmp->fd, qmp->buffer + qmp->fill, READ_CHUNK, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		qmp->fill += (size_t)n;
		return 1;
	}
	if (n < 0 && errno == EAGAIN)
		return 0;
	return broken(qmp, EPIPE, e,
	              qmp->fill ? "closed in the middle of a line" : "was closed by QEMU",
	              qmp->buffer, qmp->fill);
}

/* The next line as an object: 1; 0: no whole line yet; -EPROTO: it is no JSON object. */
static int next_object(struct qmp *qmp, json_t **object, struct err *e)
{
	for (;;) {
		char *end = qmp->fill ? memchr(qmp->buffer, '\n', qmp->fill) : NULL;
		size_t length;
		json_error_t why;

		if (!end)
			return 0;
		length = (size_t)(end - qmp->buffer);
		if (length == 0 || (length == 1 && qmp->buffer[0] == '\r')) {
			*object = NULL;
		} else {
			*object = json_loadb(qmp->buffer, length, 0, &why);
			if (!json_is_object(*object)) {
				json_decref(*object);
				return broken(qmp, EPROTO, e, "does not speak QMP", qmp->buffer,
				              length);
			}
		}
		qmp->fill -= length + 1;
		memmove(qmp->buffer, end + 1, qmp->fill);
		if (*object)
			return 1;
	}
}

static int say_late(const char *what, struct err *e)
{
	return err_set(e, ETIMEDOUT, "QEMU's monitor did not answer %s in time", what);
}

/* Put aside an event, which becomes ours. How QEMU ends is among the last: the first make room. */
static void keep_event(struct qmp *qmp, json_t *event)
{
	json_array_append_new(qmp->events, event);
	if (json_array_size(qmp->events) > QMP_EVENTS_MAX)
		json_array_remove(qmp->events, 0);
}

/*
 * Wait for the next object that is no event; events are put aside. The deadline also ends what a
 * QEMU says on and on, but an answer that is there by then is taken.
 */
static int wait_object(struct qmp *qmp, struct deadline deadline, const char *what, json_t **object,
                       struct err *e)
{
	bool late = false;

	for (;;) {
		struct pollfd fds[] = {{.fd = qmp->fd, .events = POLLIN},
		                       {.fd = qmp->cancel, .events = POLLIN}};
		int rc = next_object(qmp, object, e);

		if (rc < 0)
			return rc;
		if (rc == 1 && !json_object_get(*object, "event"))
			return 0;
		if (rc == 1)
			keep_event(qmp, *object);
		if (late)
			return say_late(what, e);
		late = deadline_left(&deadline) == 0;
		if (rc == 0)
			rc = receive(qmp, e);
		if (rc < 0)
			return rc;
		if (rc > 0)
			continue;
		rc = poll(fds, 2, deadline_left_ms(&deadline));
		if (rc < 0 && errno != EINTR)
			return err_errno(e, "poll");
		if (rc > 0 && fds[1].revents)
			return err_set(e, EINTR, "interrupted");
		if (rc == 0)
			return say_late(what, e);
	}
}

static int send_all(struct qmp *qmp, const char *text, size_t length, struct err *e)
{
	while (length > 0) {
		ssize_t n = send(qmp->fd, text, length, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return broken(qmp, EPIPE, e, "was closed by QEMU", "", 0);
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

static int send_command(struct qmp *qmp, const char *command, json_t *arguments, struct err *e)
{
	json_t *message = json_pack("{s:s, s:I}", "execute", command, "id", ++qmp->id);
	char *text = NULL;
	int rc;

	if (message && arguments)
		json_object_set_new(message, "arguments", arguments);
	if (message)
		text = json_dumps(message, JSON_COMPACT);
	json_decref(message);
	if (!text)
		return err_set(e, ENOMEM, "no memory for the command %s", command);
	rc = send_all(qmp, text, strlen(text), e);
	free(text);
	return rc ? rc : send_all(qmp, "\n", 1, e);
}

static int take_answer(struct qmp *qmp, const char *command, const json_t *answer, json_t **result,
                       struct err *e)
{
	const json_t *error = json_object_get(answer, "error");
	json_t *value = json_object_get(answer, "return");

	if (error) {
		const char *why = json_string_value(json_object_get(error, "desc"));

		return err_set(e, EIO, "QEMU refused %s: %s", command,
		               why ? why : "without a reason");
	}
	if (!value)
		return broken(qmp, EPROTO, e, "answered with neither a result nor an error", "", 0);
	if (result)
		*result = json_incref(value);
	return 0;
}

int qmp_command(struct qmp *qmp, const char *command, json_t *arguments, struct deadline deadline,
                json_t **result, struct err *e)
{
	int rc = send_command(qmp, command, arguments, e);

	if (result)
		*result = NULL;
	while (!rc) {
		json_t *answer, *id;
		bool ours;

		rc = wait_object(qmp, deadline, command, &answer, e);
		if (rc)
			break;
		/* An answer to a command that an earlier caller gave up on is passed over. */
		id = json_object_get(answer, "id");
		ours = !id || json_integer_value(id) == qmp->id;
		if (ours)
			rc = take_answer(qmp, command, answer, result, e);
		json_decref(answer);
		if (ours)
			break;
	}
	return rc;
}

int qmp_open(struct qmp *qmp, int fd, int cancel, struct deadline deadline, struct err *e)
{
	json_t *greeting;
	int rc;

	*qmp = (struct qmp){.fd = fd, .cancel = cancel, .events = json_array()};
	if (!qmp->events)
		return err_set(e, ENOMEM, "no memory for QEMU's events");
	rc = wait_object(qmp, deadline, "the connection", &greeting, e);
	if (rc)
		return rc;
	if (!json_is_object(json_object_get(greeting, "QMP")))
		rc = broken(qmp, EPROTO, e, "did not greet as QMP does", "", 0);
	json_decref(greeting);
	return rc ? rc : qmp_command(qmp, "qmp_capabilities", NULL, deadline, NULL, e);
}

int qmp_pump(struct qmp *qmp, struct err *e)
{
	json_t *object;
	int rc;

	do
		rc = receive(qmp, e);
	while (rc > 0);
	if (rc < 0 && rc != -EPIPE)
		return rc;
	for (;;) {
		int got = next_object(qmp, &object, e);

		if (got < 0)
			return got;
		if (got == 0)
			return rc;
		if (json_object_get(object, "event"))
			keep_event(qmp, object);
		else
			json_decref(object);
	}
}

json_t *qmp_take_event(struct qmp *qmp)
{
	json_t *event = json_array_get(qmp->events, 0);

	if (event) {
		json_incref(event);
		json_array_remove(qmp->events, 0);
	}
	return event;
}

void qmp_close(struct qmp *qmp)
{
	if (qmp->fd >= 0)
		close(qmp->fd);
	qmp->fd = -1;
	free(qmp->buffer);
	qmp->buffer = NULL;
	qmp->fill = qmp->room = 0;
	json_decref(qmp->events);
	qmp->events = NULL;
	qmp->dead = true;
}
