/* SPDX-License-Identifier: MIT */
#include "vmrun/guest/guest_job.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* One write to a virtio port moves at most 32 KiB; a frame that fits is a single one. */
#define CHUNK (32768 - FRAME_HEADER)

/* The console is a serial port, where every byte is an exit: it gets the beginning only. */
#define CONSOLE_BYTES 4096

/* How long a killed job, and what it left behind, may take to be gone. */
#define KILL_SECONDS  10
#define DRAIN_SECONDS 5

/* The descriptor of the mark socket in the job. */
#define MARK_FD 3

enum { STREAM_OUTPUT, STREAM_ERROR, STREAM_MARK, STREAM_COUNT };

struct running {
	struct guest_port *port;
	uint16_t index;
	int console;
	size_t console_left;
	pid_t pid;
	int pidfd;                 /* readable once the job has ended; -1 afterwards */
	int streams[STREAM_COUNT]; /* our ends; -1 once they are at their end */
	uint64_t limit;            /* when something must happen, CLOCK_MONOTONIC ns; 0: never */
	bool killed;
	unsigned marks; /* sent and not yet answered */
	char line[FRAME_MARK_MAX + 1];
	size_t line_length;
	struct frame_exit exit;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static uint64_t in_seconds(unsigned seconds)
{
	return now_ns() + seconds * UINT64_C(1000000000);
}

/* Milliseconds to `limit` for poll(), rounded up so that it does not spin before it. */
static int poll_time(uint64_t limit)
{
	uint64_t now = now_ns();
	uint64_t left;

	if (!limit)
		return -1;
	if (now >= limit)
		return 0;
	left = (limit - now + 999999) / 1000000;
	return left > 1000000 ? 1000000 : (int)left;
}

/* How many processes Linux has killed for lack of memory since boot. */
static uint32_t read_oom_kills(void)
{
	FILE *file = fopen("/proc/vmstat", "re");
	char line[128];
	uint32_t count = 0;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, "oom_kill ", 9) == 0)
			count = (uint32_t)strtoul(line + 9, NULL, 10);
	fclose(file);
	return count;
}

static void close_stream(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Our ends in r->streams, the job's in `theirs`. */
static int open_streams(struct running *r, int theirs[STREAM_COUNT], struct err *e)
{
	int ends[2];
	int i;

	for (i = 0; i < STREAM_COUNT; i++) {
		int rc = i == STREAM_MARK ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)
		                          : pipe2(ends, O_CLOEXEC);

		if (rc)
			return err_errno(e, "cannot make a pipe for job %u", r->index);
		r->streams[i] = ends[0];
		theirs[i] = ends[1];
		/* Only our end: the job may rely on writes that wait. */
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

static int spawn(const struct vm_job *job, const int theirs[STREAM_COUNT], pid_t *pid)
{
	char mark[32];
	char *const environment[] = {(char *)"PATH=/bin", (char *)"HOME=/tmp", mark, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	sigset_t all;
	int rc;

	snprintf(mark, sizeof(mark), FRAME_MARK_VARIABLE "=%d", MARK_FD);
	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawn_file_actions_init(&actions))
		return ENOMEM;
	if (posix_spawnattr_init(&attributes)) {
		posix_spawn_file_actions_destroy(&actions);
		return ENOMEM;
	}
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
	                                              POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	rc = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, theirs[STREAM_OUTPUT],
		                                      STDOUT_FILENO);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, theirs[STREAM_ERROR],
		                                      STDERR_FILENO);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, theirs[STREAM_MARK], MARK_FD);
	if (!rc)
		rc = posix_spawn_file_actions_addclosefrom_np(&actions, MARK_FD + 1);
	if (!rc)
		rc = posix_spawn_file_actions_addchdir_np(&actions, "/tmp");
	if (!rc)
		rc = posix_spawn(pid, job->argv[0], &actions, &attributes, job->argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static int send_error(struct running *r, const char *bytes, size_t length, struct err *e)
{
	size_t part = length < r->console_left ? length : r->console_left;

	/* A console that takes nothing is no reason to lose the frame. */
	if (part && r->console >= 0 && write(r->console, bytes, part) > 0)
		r->console_left -= part;
	r->exit.error_bytes += length;
	return guest_port_send(r->port, FRAME_ERROR, r->index, bytes, (uint32_t)length, e);
}

/* Forward every whole line as a MARK. */
static int send_marks(struct running *r, const char *bytes, size_t length, struct err *e)
{
	static const char too_long[] =
	        "guest-init: the job's mark is too long; no more are taken\n";
	size_t i;
	int rc = 0;

	for (i = 0; i < length && !rc; i++) {
		if (bytes[i] == '\n') {
			rc = guest_port_send(r->port, FRAME_MARK, r->index, r->line,
			                     (uint32_t)r->line_length, e);
			r->line_length = 0;
			r->marks++;
		} else if (r->line_length < FRAME_MARK_MAX) {
			r->line[r->line_length++] = bytes[i];
		} else {
			close_stream(&r->streams[STREAM_MARK]);
			return send_error(r, too_long, sizeof(too_long) - 1, e);
		}
	}
	return rc;
}

/* Read once and forward: one busy stream must not keep the others waiting. */
static int forward(struct running *r, int stream, struct err *e)
{
	char bytes[CHUNK];
	ssize_t got = read(r->streams[stream], bytes, sizeof(bytes));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got <= 0) {
		close_stream(&r->streams[stream]);
		return 0;
	}
	if (stream == STREAM_MARK)
		return send_marks(r, bytes, (size_t)got, e);
	if (stream == STREAM_ERROR)
		return send_error(r, bytes, (size_t)got, e);
	r->exit.output_bytes += (uint64_t)got;
	return guest_port_send(r->port, FRAME_OUTPUT, r->index, bytes, (uint32_t)got, e);
}

/* Each GO lets the job that waits for it go on. */
static int answer_marks(struct running *r, struct err *e)
{
	int count = guest_port_receive(r->port, e);

	if (count < 0)
		return count;
	if ((unsigned)count > r->marks)
		return err_set(e, EPROTO, "the host sent %d GO where %u were due", count, r->marks);
	for (; count > 0; count--) {
		r->marks--;
		/* A job that is gone, or does not wait, does not matter. */
		if (r->streams[STREAM_MARK] >= 0 &&
		    send(r->streams[STREAM_MARK], "G", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			continue;
	}
	return 0;
}

/* The job has ended: note how, and take away what it left running. */
static int reap(struct running *r, struct err *e)
{
	int status;

	if (waitpid(r->pid, &status, 0) != r->pid)
		return err_errno(e, "cannot wait for job %u", r->index);
	close_stream(&r->pidfd);
	if (WIFSIGNALED(status))
		r->exit.signal = (uint32_t)WTERMSIG(status);
	else
		r->exit.code = (uint32_t)WEXITSTATUS(status);
	if (r->killed && WIFSIGNALED(status))
		r->exit.how = FRAME_EXIT_DEADLINE;
	kill(getpid() == 1 ? -1 : -r->pid, SIGKILL);
	r->limit = in_seconds(DRAIN_SECONDS);
	return 0;
}

/* The time is up: for the job, for its death, or for the end of what it left behind. */
static int time_is_up(struct running *r, struct err *e)
{
	int i;

	if (r->pidfd >= 0 && r->killed)
		return err_set(e, ETIME, "job %u does not die", r->index);
	if (r->pidfd >= 0) {
		r->killed = true;
		kill(-r->pid, SIGKILL);
		r->limit = in_seconds(KILL_SECONDS);
		return 0;
	}
	for (i = 0; i < STREAM_COUNT; i++)
		close_stream(&r->streams[i]);
	r->limit = 0;
	return 0;
}

/* Over when it has been reaped, everything it said was forwarded, and every mark answered. */
static bool is_over(const struct running *r)
{
	return r->pidfd < 0 && r->streams[STREAM_OUTPUT] < 0 && r->streams[STREAM_ERROR] < 0 &&
	       r->streams[STREAM_MARK] < 0 && !r->marks;
}

static int step(struct running *r, struct err *e)
{
	struct pollfd pollers[STREAM_COUNT + 2];
	int rc;
	int i;

	for (i = 0; i < STREAM_COUNT; i++)
		pollers[i] = (struct pollfd){.fd = r->streams[i], .events = POLLIN};
	pollers[STREAM_COUNT] = (struct pollfd){.fd = r->pidfd, .events = POLLIN};
	pollers[STREAM_COUNT + 1] = (struct pollfd){.fd = r->port->fd, .events = POLLIN};
	rc = poll(pollers, STREAM_COUNT + 2, poll_time(r->limit));
	if (rc < 0)
		return errno == EINTR ? 0 : err_errno(e, "cannot wait for job %u", r->index);
	rc = 0;
	for (i = 0; i < STREAM_COUNT && !rc; i++)
		if (pollers[i].revents)
			rc = forward(r, i, e);
	if (!rc && pollers[STREAM_COUNT].revents)
		rc = reap(r, e);
	if (!rc && pollers[STREAM_COUNT + 1].revents)
		rc = answer_marks(r, e);
	if (!rc && r->limit && now_ns() >= r->limit)
		rc = time_is_up(r, e);
	return rc;
}

static int send_exit(struct running *r, struct err *e)
{
	const struct frame_exit payload = {
	        .code = htole32(r->exit.code),
	        .signal = htole32(r->exit.signal),
	        .how = htole32(r->exit.how),
	        .oom_kills = htole32(r->exit.oom_kills),
	        .output_bytes = htole64(r->exit.output_bytes),
	        .error_bytes = htole64(r->exit.error_bytes),
	};

	return guest_port_send(r->port, FRAME_EXIT, r->index, &payload, sizeof(payload), e);
}

static int watch(struct running *r, const struct vm_job *job, struct err *e)
{
	int rc = 0;

	r->pidfd = (int)syscall(SYS_pidfd_open, r->pid, 0);
	if (r->pidfd < 0) {
		rc = err_errno(e, "cannot watch job %u", r->index);
		kill(-r->pid, SIGKILL);
		return rc;
	}
	if (job->seconds)
		r->limit = in_seconds(job->seconds);
	while (!rc && !is_over(r))
		rc = step(r, e);
	if (rc && r->pidfd >= 0)
		kill(-r->pid, SIGKILL);
	close_stream(&r->pidfd);
	/* Orphans that were handed to PID 1. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return rc;
}

static int not_started(struct running *r, const struct vm_job *job, int error, struct err *e)
{
	char text[512];
	int length = snprintf(text, sizeof(text), "guest-init: cannot run %s: %s\n", job->argv[0],
	                      strerror(error));

	if (length >= (int)sizeof(text))
		length = sizeof(text) - 1;
	r->exit.code = 127;
	r->exit.how = FRAME_EXIT_NO_EXEC;
	return send_error(r, text, (size_t)length, e);
}

int guest_job_run(struct guest_port *port, uint16_t index, const struct vm_job *job, int console,
                  struct err *e)
{
	struct running r = {.port = port,
	                    .index = index,
	                    .console = console,
	                    .console_left = CONSOLE_BYTES,
	                    .pidfd = -1,
	                    .streams = {-1, -1, -1}};
	int theirs[STREAM_COUNT] = {-1, -1, -1};
	uint32_t oom_kills = read_oom_kills();
	int rc = guest_port_send(port, FRAME_START, index, NULL, 0, e);
	int error = 0;
	int i;

	if (!rc)
		rc = open_streams(&r, theirs, e);
	if (!rc)
		error = spawn(job, theirs, &r.pid);
	for (i = 0; i < STREAM_COUNT; i++)
		close_stream(&theirs[i]);
	if (!rc)
		rc = error ? not_started(&r, job, error, e) : watch(&r, job, e);
	r.exit.oom_kills = read_oom_kills() - oom_kills;
	if (!rc)
		rc = send_exit(&r, e);
	for (i = 0; i < STREAM_COUNT; i++)
		close_stream(&r.streams[i]);
	return rc;
}
