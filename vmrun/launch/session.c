/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/session.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vmrun/launch/interrupt.h"
#include "vmrun/launch/prove.h"
#include "vmrun/launch/report.h"

#define PANIC_SECONDS 5.0 /* from Linux's last words to the reset that ends QEMU */
#define DRAIN_SECONDS 2.0 /* for what is still on its way when QEMU has ended */

enum source { S_INTERRUPT, S_QEMU, S_OUTPUT, S_QMP, S_CONSOLE, S_PORT, S_LINE, S_COUNT };

double session_seconds(const struct session *s)
{
	return deadline_now() - s->started;
}

static int *socket_of(struct session *s, enum private_socket which)
{
	return which == PRIVATE_QMP       ? &s->qmp.fd
	       : which == PRIVATE_CONSOLE ? &s->console
	                                  : &s->port;
}

/* Take what a descriptor has. Bytes read; 0: nothing now; -1: it is closed, and *fd is -1. */
static ssize_t take(int *fd, char *bytes, size_t size)
{
	ssize_t n = *fd < 0 ? -1 : read(*fd, bytes, size);

	if (n > 0)
		return n;
	if (n < 0 && *fd >= 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return -1;
}

static void take_output(struct session *s)
{
	char bytes[4096];
	ssize_t n = take(&s->output, bytes, sizeof(bytes));

	if (n > 0)
		logs_qemu(&s->logs, bytes, (size_t)n);
}

static void take_console(struct session *s)
{
	char bytes[4096];
	ssize_t n = take(&s->console, bytes, sizeof(bytes));

	if (n <= 0)
		return;
	logs_console(&s->logs, bytes, (size_t)n);
	if (s->logs.panic[0] && s->panic.at == deadline_never().at)
		s->panic = deadline_in(PANIC_SECONDS);
}

/* A guest that does not read its answers is told none: its port holds more than we ever send. */
static int send_go(struct session *s, struct err *e)
{
	uint8_t frame[FRAME_HEADER];

	for (; s->collect.answers > 0; s->collect.answers--) {
		size_t n = frame_encode(FRAME_GO, FRAME_NO_JOB, s->sent++, NULL, 0, frame);

		if (s->port >= 0 && send(s->port, frame, n, MSG_NOSIGNAL) != (ssize_t)n)
			return err_errno(e, "cannot answer the guest");
	}
	return 0;
}

/* The guest waits for its GO meanwhile, and holds what is looked for. */
static int prove(struct session *s, struct err *e)
{
	json_t *json;
	int rc = prove_guest(s->qemu.pid, s->plan.argv.platform, s->plan.argv.plugin != NULL,
	                     s->plan.argv.memory, s->collect.hello, interrupt_descriptor(), &json,
	                     e);

	if (json)
		json_object_set_new(s->report, "proof", json);
	report_time(s->report, "proof", session_seconds(s));
	return rc;
}

static void begin_run(struct session *s)
{
	report_time(s->report, "start", session_seconds(s));
	if (s->plan.run_seconds)
		s->run = deadline_in(s->plan.run_seconds);
}

static int push(struct session *s, const char *bytes, size_t n, struct err *e)
{
	int rc;

	if (!s->collect.line)
		return collect_push(&s->collect, bytes, n, e);
	line_lock(s->collect.line);
	rc = collect_push(&s->collect, bytes, n, e);
	line_unlock(s->collect.line);
	return rc;
}

static int take_port(struct session *s, struct err *e)
{
	bool hello = s->collect.hello != NULL, held = s->collect.held;
	char bytes[65536];
	ssize_t n = take(&s->port, bytes, sizeof(bytes));
	int rc;

	if (n <= 0)
		return 0;
	rc = push(s, bytes, (size_t)n, e);
	if (!hello && s->collect.hello) {
		report_time(s->report, "hello", session_seconds(s));
		s->boot = deadline_never();
		if (!rc && s->prove)
			rc = prove(s, e);
		if (!s->collect.line)
			begin_run(s);
	}
	if (s->collect.complete)
		report_time(s->report, "end", session_seconds(s));
	if (!rc && s->collect.held && !held)
		line_arrive(s->collect.line, s->collect.guest);
	return rc ? rc : send_go(s, e);
}

/* Ended by another guest's failure; which one, it says itself. */
static int say_broken(const struct session *s, struct err *e)
{
	struct err why;
	int guest = line_why(s->collect.line, &why);

	return err_set(e, ECANCELED, "ended because guest %d failed", guest);
}

/* The line has something to say: all are there, or one has failed. */
static int take_line(struct session *s, struct err *e)
{
	struct line *line = s->collect.line;
	struct vm_meeting met;
	enum line_word word = line_ask(line, s->collect.guest, &met);
	bool first = s->sent == 0;
	int rc = 0;

	if (word == LINE_BROKEN && isinf(s->grace.at))
		s->grace = deadline_in(LINE_GRACE_SECONDS);
	if (word == LINE_BROKEN && s->collect.held && !collect_has_results(&s->collect))
		return say_broken(s, e);
	if (word == LINE_WAIT || !s->collect.held)
		return 0;
	line_lock(line);
	rc = collect_release(&s->collect, word == LINE_GO ? &met : NULL, e);
	line_unlock(line);
	if (!rc)
		rc = send_go(s, e);
	line_went(line, s->collect.guest);
	if (first)
		begin_run(s);
	return rc;
}

/*
 * Outside of a job, and within a frame, it is the guest's turn, whatever else it does: it has as
 * long for that as for its boot.
 */
static void await_guest(struct session *s)
{
	const struct collect *c = &s->collect;
	uint64_t at;

	if (!collect_is_between(c))
		s->turn = deadline_never();
	else if (isinf(s->turn.at) || s->turn_job != c->next_job)
		s->turn = deadline_in(s->plan.boot_seconds);
	s->turn_job = c->next_job;
	if (!frame_reader_within(&c->reader, &at))
		s->frame = deadline_never();
	else if (isinf(s->frame.at) || s->frame_at != at)
		s->frame = deadline_in(s->plan.boot_seconds);
	s->frame_at = at;
}

/* The deadline that comes first, and what to say when it has passed. */
static struct deadline next_deadline(const struct session *s)
{
	struct deadline d = deadline_first(s->boot, s->run);

	d = deadline_first(deadline_first(d, s->panic), s->grace);
	d = deadline_first(deadline_first(d, s->turn), s->frame);
	return deadline_first(d, s->collect.job_deadline);
}

static int say_panic(const struct session *s, struct err *e)
{
	return err_set(e, EIO, "the guest's Linux died: %s", s->logs.panic);
}

/* Where the guest stands still. */
static int say_silent(const struct session *s, struct err *e)
{
	const struct collect *c = &s->collect;

	if (c->next_job == 0)
		return err_set(e, ETIME,
		               "the guest did not begin its first job within %u s; see the "
		               "console log",
		               s->plan.boot_seconds);
	return err_set(e, ETIME,
	               "the guest did not go on within %u s after job %zu (%s) had ended; see the "
	               "console log",
	               s->plan.boot_seconds, c->next_job - 1, c->jobs[c->next_job - 1].argv[0]);
}

static int say_deadline(const struct session *s, struct err *e)
{
	if (deadline_left(&s->panic) == 0)
		return say_panic(s, e);
	if (deadline_left(&s->grace) == 0)
		return say_broken(s, e);
	if (deadline_left(&s->boot) == 0)
		return err_set(
		        e, ETIME,
		        "the guest did not come up within the boot deadline of %u s; see the "
		        "console log",
		        s->plan.boot_seconds);
	if (deadline_left(&s->run) == 0)
		return err_set(e, ETIME, "the guest was not done within the run deadline of %u s",
		               s->plan.run_seconds);
	if (deadline_left(&s->turn) == 0)
		return say_silent(s, e);
	if (deadline_left(&s->frame) == 0)
		return err_set(e, ETIME,
		               "the guest did not end within %u s a frame that it had begun",
		               s->plan.boot_seconds);
	return err_set(e, ETIME,
	               "job %zu (%s) passed its deadline of %u s, and the guest did not end it",
	               s->collect.next_job, s->collect.jobs[s->collect.next_job].argv[0],
	               s->collect.jobs[s->collect.next_job].seconds);
}

/* Which source a socket of QEMU's is. */
static const enum source source_of[PRIVATE_SOCKETS] = {
        [PRIVATE_QMP] = S_QMP, [PRIVATE_CONSOLE] = S_CONSOLE, [PRIVATE_PORT] = S_PORT};

/* What to wait for. A socket that QEMU has not connected to yet is awaited where it listens. */
static void watch(const struct session *s, struct pollfd fds[S_COUNT])
{
	const int at[S_COUNT] = {
	        [S_INTERRUPT] = interrupt_descriptor(),
	        [S_QEMU] = s->qemu.pidfd,
	        [S_OUTPUT] = s->output,
	        [S_QMP] = s->qmp.events ? s->qmp.fd : -1,
	        [S_CONSOLE] = s->console,
	        [S_PORT] = s->port,
	        [S_LINE] = s->collect.line ? line_fd(s->collect.line, s->collect.guest) : -1};

	for (int i = 0; i < S_COUNT; i++)
		fds[i] = (struct pollfd){.fd = at[i], .events = POLLIN};
	for (int i = 0; i < PRIVATE_SOCKETS; i++) {
		if (s->dir.listen[i] >= 0)
			fds[source_of[i]].fd = s->dir.listen[i];
	}
}

/* Connections of QEMU's: after this the source has nothing else to say. */
static int accept_sockets(struct session *s, struct pollfd fds[S_COUNT], struct err *e)
{
	for (int i = 0; i < PRIVATE_SOCKETS; i++) {
		int fd;

		if (s->dir.listen[i] < 0 || !fds[source_of[i]].revents)
			continue;
		fd = private_accept(&s->dir, (enum private_socket)i, s->qemu.pid, e);
		fds[source_of[i]].revents = 0;
		if (fd == -EAGAIN)
			continue;
		if (fd < 0)
			return fd;
		*socket_of(s, (enum private_socket)i) = fd;
	}
	return 0;
}

/* What the sources have that are ready. */
static int take_sources(struct session *s, struct pollfd fds[S_COUNT], struct err *e)
{
	int rc = accept_sockets(s, fds, e);

	if (rc)
		return rc;
	if (fds[S_OUTPUT].revents)
		take_output(s);
	if (fds[S_CONSOLE].revents)
		take_console(s);
	if (fds[S_PORT].revents && (rc = take_port(s, e)) != 0)
		return rc;
	if (fds[S_LINE].revents && (rc = take_line(s, e)) != 0)
		return rc;
	if (fds[S_QMP].revents && qmp_pump(&s->qmp, NULL) < 0) {
		close(s->qmp.fd); /* what ended it shows in QEMU's exit */
		s->qmp.fd = -1;
	}
	if (fds[S_QEMU].revents)
		s->exited = process_wait(&s->qemu, 0, &s->status);
	return 0;
}

int session_step(struct session *s, struct err *e)
{
	struct deadline deadline = next_deadline(s);
	struct pollfd fds[S_COUNT];
	int rc;

	watch(s, fds);
	rc = poll(fds, S_COUNT, deadline_left_ms(&deadline));
	if (rc < 0)
		return errno == EINTR ? 0 : err_errno(e, "poll");
	if (fds[S_INTERRUPT].revents)
		return err_set(e, EINTR, "interrupted");
	rc = take_sources(s, fds, e);
	if (rc)
		return rc;
	await_guest(s);
	/* Looked at also while there is something to take: a guest that talks on and on is late,
	 * too. */
	deadline = next_deadline(s);
	return !s->exited && !s->collect.complete && deadline_left(&deadline) == 0
	               ? say_deadline(s, e)
	               : 0;
}

int session_drain(struct session *s, struct err *e)
{
	struct deadline deadline = deadline_in(DRAIN_SECONDS);
	int rc = 0;

	/* With QEMU gone every descriptor is at its end, after what it still holds. */
	while (s->output >= 0 && deadline_left(&deadline) > 0)
		take_output(s);
	while (s->console >= 0 && deadline_left(&deadline) > 0)
		take_console(s);
	while (!rc && s->port >= 0 && deadline_left(&deadline) > 0)
		rc = take_port(s, e);
	if (s->qmp.fd >= 0 && s->qmp.events)
		qmp_pump(&s->qmp, NULL);
	return rc;
}

void session_init(struct session *s)
{
	memset(s, 0, sizeof(*s));
	s->qmp.fd = s->output = s->console = s->port = s->initramfs = s->emulation.fd = -1;
	s->logs.console.fd = s->logs.qemu.fd = -1;
	s->boot = s->run = s->panic = s->grace = s->turn = s->frame = deadline_never();
	private_init(&s->dir);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void session_close(struct session *s)
{
	qmp_close(&s->qmp);
	close_fd(&s->output);
	close_fd(&s->console);
	close_fd(&s->port);
	close_fd(&s->initramfs);
	collect_free(&s->collect);
	private_remove(&s->dir);
	emulation_close(&s->emulation);
	json_decref(s->report);
	s->report = NULL;
}
