/* SPDX-License-Identifier: MIT */
#include "bench/run/native.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS                                                                                    \
	100 /* how long an interruption may go unseen, when its signal meets no system call */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* In the child: only async-signal-safe calls until exec. */
static void become(char *const *argv, int output, int log_fd, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 ||
	    dup2(log_fd, 2) < 0)
		_exit(126);
	execv(argv[0], argv);
	_exit(127);
}

/* Read until the command closes its end, the deadline, the stop, or a failure of `output`. */
static int drain(int fd, double deadline, const volatile sig_atomic_t *stop, native_output *output,
                 void *context, enum vm_job_end *how, struct err *e)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		char bytes[65536];
		ssize_t n;

		if (*stop)
			return err_set(e, EINTR, "interrupted");
		if (deadline > 0 && now() > deadline) {
			*how = VM_JOB_TIMED_OUT;
			return 0;
		}
		if (poll(&p, 1, POLL_MS) <= 0)
			continue;
		n = read(fd, bytes, sizeof(bytes));
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_errno(e, "cannot read what the command prints");
		if (n > 0) {
			int rc = output(context, bytes, (size_t)n, e);

			if (rc)
				return rc;
		}
	}
}

/* The output is closed: wait for the end, with the same bounds. 0 with *status, or -EINTR. */
static int reap(pid_t pid, double deadline, const volatile sig_atomic_t *stop, enum vm_job_end *how,
                int *status, struct err *e)
{
	while (waitpid(pid, status, WNOHANG) != pid) {
		if (*stop)
			return err_set(e, EINTR, "interrupted");
		if (deadline > 0 && now() > deadline) {
			*how = VM_JOB_TIMED_OUT;
			return 0;
		}
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	*how = WIFSIGNALED(*status) ? VM_JOB_SIGNALLED : VM_JOB_EXITED;
	return 0;
}

static pid_t start(char *const *argv, int log_fd, int *output, struct err *e)
{
	pid_t pid, self = getpid();
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return err_errno(e, "cannot make a pipe");
	pid = fork();
	if (pid == 0)
		become(argv, fds[1], log_fd, self);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return err_errno(e, "cannot start %s", argv[0]);
	}
	setpgid(pid, pid); /* also here: whoever comes first */
	*output = fds[0];
	return pid;
}

int native_run(char *const *argv, unsigned seconds, int log_fd, const volatile sig_atomic_t *stop,
               native_output *output, void *context, enum vm_job_end *how, int *code, struct err *e)
{
	double deadline = seconds ? now() + seconds : 0;
	int fd = -1, status = 0, rc;
	pid_t pid = start(argv, log_fd, &fd, e);

	if (pid < 0)
		return pid;
	*how = VM_JOB_CUT;
	rc = drain(fd, deadline, stop, output, context, how, e);
	close(fd);
	if (!rc && *how == VM_JOB_CUT)
		rc = reap(pid, deadline, stop, how, &status, e);
	if (*how != VM_JOB_EXITED && *how != VM_JOB_SIGNALLED) {
		kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	*code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
	return rc;
}
