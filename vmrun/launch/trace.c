/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/result.h"
#include "vmrun/qemu/argv.h"

/* At once, and what the pipe holds: a guest with many events waits less for its reader. */
#define PIECE (1 << 20)

struct trace {
	struct result_file file; /* written by the thread alone */
	int pipe[2];             /* its two ends; the second keeps it open before QEMU does */
	int ended;               /* eventfd: nobody writes any more */
	pthread_t thread;
	int error;     /* errno of the first write that failed, or 0: the rest is thrown away */
	bool any;      /* something was written */
	uint64_t left; /* bytes that it may still have */
	char piece[PIECE];
};

static void put(struct trace *t, const char *bytes, size_t length)
{
	t->any = true;
	if (!t->error && length > t->left)
		t->error = EFBIG;
	t->left -= t->error ? 0 : length;
	if (!t->error && (fwrite(bytes, 1, length, t->file.out) != length || fflush(t->file.out)))
		t->error = errno ? errno : EIO;
}

/*
 * Everything that the pipe holds now, and not what somebody writes on and on. QEMU is never left
 * waiting: not even for a disk that is full.
 */
static void take(struct trace *t)
{
	size_t taken = 0;
	ssize_t n;

	while (taken < PIECE &&
	       ((n = read(t->pipe[0], t->piece, PIECE)) > 0 || (n < 0 && errno == EINTR))) {
		if (n <= 0)
			continue;
		put(t, t->piece, (size_t)n);
		taken += (size_t)n;
	}
}

static void *copy(void *context)
{
	struct trace *t = context;
	struct pollfd fds[] = {{.fd = t->pipe[0], .events = POLLIN},
	                       {.fd = t->ended, .events = POLLIN}};

	do {
		poll(fds, 2, -1);
		take(t);
	} while (!fds[1].revents);
	return NULL;
}

static int make_pipe(struct trace *t, const char *directory, struct err *e)
{
	char path[PATH_MAX + sizeof(ARGV_TRACE) + 1];

	snprintf(path, sizeof(path), "%s/%s", directory, ARGV_TRACE);
	if (mkfifo(path, 0600) != 0)
		return err_errno(e, "cannot make %s", path);
	t->pipe[0] = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (t->pipe[0] >= 0)
		t->pipe[1] = open(path, O_WRONLY | O_CLOEXEC);
	if (t->pipe[1] < 0)
		return err_errno(e, "cannot open %s", path);
	fcntl(t->pipe[0], F_SETPIPE_SZ, PIECE); /* what Linux does not give, it need not have */
	return 0;
}

static int start(struct trace *t, struct err *e)
{
	int error;

	t->ended = eventfd(0, EFD_CLOEXEC);
	if (t->ended < 0)
		return err_errno(e, "cannot make an eventfd");
	error = pthread_create(&t->thread, NULL, copy, t);
	return error ? err_set(e, error, "cannot start a thread: %s", strerror(error)) : 0;
}

static void release(struct trace *t)
{
	for (int i = 0; i < 2; i++)
		if (t->pipe[i] >= 0)
			close(t->pipe[i]);
	if (t->ended >= 0)
		close(t->ended);
	free(t);
}

int trace_open(const char *path, const char *directory, uint64_t max, struct trace **trace,
               struct err *e)
{
	struct trace *t = calloc(1, sizeof(*t));
	int rc;

	*trace = NULL;
	if (!t)
		return err_set(e, ENOMEM, "no memory for the trace");
	t->pipe[0] = t->pipe[1] = t->ended = -1;
	t->left = max;
	rc = result_file_open(path, &t->file, e);
	if (rc) {
		release(t);
		return err_wrap(e, -EINVAL, "--trace");
	}
	rc = make_pipe(t, directory, e);
	if (!rc)
		rc = start(t, e);
	if (rc) {
		result_file_end(&t->file, rc, NULL);
		release(t);
	} else {
		*trace = t;
	}
	return rc;
}

int trace_close(struct trace **trace, bool ran, struct err *e)
{
	struct trace *t = *trace;
	int rc = 0;

	if (!t)
		return 0;
	*trace = NULL;
	eventfd_write(t->ended, 1);
	pthread_join(t->thread, NULL);
	if (t->error == EFBIG) {
		rc = err_set(e, EFBIG,
		             "the trace is incomplete: there was more than one may have, and %s "
		             "ends there",
		             t->file.partial);
		result_file_abandon(&t->file);
	} else if (t->error) {
		rc = err_set(e, t->error, "the trace is incomplete: cannot write %s: %s",
		             t->file.partial, strerror(t->error));
		result_file_abandon(&t->file);
	} else if (t->any || ran) {
		rc = result_file_commit(&t->file, e);
	} else {
		result_file_end(&t->file, -ENODATA, NULL);
	}
	release(t);
	return rc;
}
