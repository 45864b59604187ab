/* SPDX-License-Identifier: MIT */
#include "vmrun/system/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/program.h"
#include "vmrun/system/deadline.h"

#define CAPTURE_MAX  65536 /* more text than that is cut */
#define KILL_SECONDS 10.0  /* SIGKILL takes effect at once unless Linux hangs */

int process_find(const char *name, char path[PATH_MAX], struct err *e)
{
	if (strchr(name, '/')) {
		if (!program_is(name))
			return err_set(e, ENOENT, "%s is not a program that can be executed", name);
		if (!realpath(name, path))
			return err_errno(e, "%s", name);
		return 0;
	}
	if (*name && program_find(name, path))
		return 0;
	return err_set(e, ENOENT, "no program %s in PATH", name);
}

/* By system calls, which are this thread's own: it may be the child of a process with several. */
int process_become(const struct process_user *user)
{
	static const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	if (user->lock_memory && syscall(SYS_prlimit64, 0, RLIMIT_MEMLOCK, &all, NULL) != 0)
		return -1;
	if (syscall(SYS_setgroups, user->group_count, user->groups) != 0 ||
	    syscall(SYS_setresgid, user->gid, user->gid, user->gid) != 0)
		return -1;
	return (int)syscall(SYS_setresuid, user->uid, user->uid, user->uid);
}

/* What stands between fork and exec: system calls only, since the parent may have threads. */
static _Noreturn void child_exec(const struct process_spec *spec, pid_t parent, int null,
                                 int report)
{
	static const struct rlimit none_of_it = {0, 0};
	sigset_t none;
	int error;

	/* A parent that died before this line would leave us to somebody else. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(127);
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (spec->cpus && sched_setaffinity(0, sizeof(*spec->cpus), spec->cpus) != 0)
		goto failed;
	if (spec->no_thp && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) != 0)
		goto failed;
	if (spec->directory && (chdir(spec->directory) != 0 || setrlimit(RLIMIT_CORE, &none_of_it)))
		goto failed;
	if (spec->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		goto failed;
	if (spec->user && process_become(spec->user) != 0)
		goto failed;
	/* Another user's process has lost it (prctl(2)). */
	if (spec->user && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent))
		_exit(127);
	if (dup2(null, 0) < 0 || dup2(spec->output, 1) < 0 || dup2(spec->output, 2) < 0)
		goto failed;
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	execve(spec->argv[0], spec->argv, spec->environment ? spec->environment : environ);
failed:
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/* The exec has happened when the pipe closes; before that an errno may come. */
static int read_report(int report)
{
	int error = 0;
	ssize_t n;

	do
		n = read(report, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? error : 0;
}

int process_start(const struct process_spec *spec, struct process *process, struct err *e)
{
	pid_t self = getpid();
	int report[2], null, error, rc;

	process->pid = 0;
	process->pidfd = -1;
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0)
		return err_errno(e, "cannot open /dev/null");
	if (pipe2(report, O_CLOEXEC) != 0) {
		rc = err_errno(e, "cannot make a pipe");
		close(null);
		return rc;
	}
	process->pid = fork();
	if (process->pid == 0)
		child_exec(spec, self, null, report[1]);
	rc = process->pid < 0 ? err_errno(e, "cannot fork") : 0;
	close(null);
	close(report[1]);
	error = rc ? 0 : read_report(report[0]);
	close(report[0]);
	if (rc) {
		process->pid = 0;
		return rc;
	}
	if (error) {
		waitpid(process->pid, NULL, 0);
		process->pid = 0;
		return err_set(e, error, "cannot execute %s: %s", spec->argv[0], strerror(error));
	}
	process->pidfd = pidfd_open(process->pid, 0);
	if (process->pidfd < 0) {
		rc = err_errno(e, "pidfd_open");
		kill(process->pid, SIGKILL);
		waitpid(process->pid, NULL, 0);
		process->pid = 0;
		return rc;
	}
	return 0;
}

static bool has_ended(pid_t pid)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid;
}

int process_wait(struct process *process, double seconds, int *status)
{
	struct deadline deadline = deadline_in(seconds);
	struct pollfd pfd = {.fd = process->pidfd, .events = POLLIN};

	*status = 0;
	if (process->pid == 0)
		return 1;
	while (poll(&pfd, 1, deadline_left_ms(&deadline)) < 0 && errno == EINTR)
		;
	if (!has_ended(process->pid))
		return 0;
	/* What it has started ends with it; until it is waited for, nobody else has its number. */
	kill(-process->pid, SIGKILL);
	waitpid(process->pid, status, 0);
	close(process->pidfd);
	process->pid = 0;
	process->pidfd = -1;
	return 1;
}

int process_stop(struct process *process, double grace, int *status, struct err *e)
{
	*status = 0;
	if (process->pid == 0)
		return 0;
	kill(process->pid, SIGTERM);
	if (process_wait(process, grace, status))
		return 0;
	/* A stopped process (SIGSTOP) takes no SIGTERM, but does take this. */
	kill(process->pid, SIGKILL);
	if (process_wait(process, KILL_SECONDS, status))
		return 0;
	return err_set(e, EBUSY, "process %d does not end: it hangs inside Linux",
	               (int)process->pid);
}

void process_status_text(int status, char *text, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(text, size, "was killed by signal %d (%s)", WTERMSIG(status),
		         strsignal(WTERMSIG(status)));
	else
		snprintf(text, size, "exited with status %d", WEXITSTATUS(status));
}

/* Read until the writer closes, or the deadline. 1: closed; 0: time is up. */
static int read_all(int fd, const struct deadline *deadline, char *text)
{
	size_t fill = 0;

	for (;;) {
		struct pollfd pfd = {.fd = fd, .events = POLLIN};
		char spill[4096];
		bool room = fill < CAPTURE_MAX - 1;
		ssize_t n = poll(&pfd, 1, deadline_left_ms(deadline));

		if (n == 0) {
			text[fill] = '\0';
			return 0;
		}
		if (n < 0)
			continue; /* a signal: the time goes on, and there is nothing to read */
		n = read(fd, room ? text + fill : spill,
		         room ? CAPTURE_MAX - 1 - fill : sizeof(spill));
		if (n > 0 && room)
			fill += (size_t)n;
		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
			text[fill] = '\0';
			return 1;
		}
	}
}

int process_capture(char *const argv[], double seconds, char **text, struct err *e)
{
	struct deadline deadline = deadline_in(seconds);
	struct process process;
	struct process_spec spec = {.argv = argv};
	int fds[2], status, rc, closed;

	*text = malloc(CAPTURE_MAX);
	if (!*text || pipe2(fds, O_CLOEXEC) != 0) {
		free(*text);
		*text = NULL;
		return err_set(e, ENOMEM, "no memory or descriptors to run %s", argv[0]);
	}
	spec.output = fds[1];
	rc = process_start(&spec, &process, e);
	close(fds[1]);
	if (rc)
		goto out;
	closed = read_all(fds[0], &deadline, *text);
	if (!closed || !process_wait(&process, deadline_left(&deadline), &status)) {
		process_stop(&process, 0, &status, NULL);
		rc = err_set(e, ETIMEDOUT, "%s %s did not end within %.0f s", argv[0], argv[1],
		             seconds);
	} else if (status != 0) {
		char how[96];

		process_status_text(status, how, sizeof(how));
		rc = err_set(e, EIO, "%s %s %s: %.300s", argv[0], argv[1], how, *text);
	}
out:
	close(fds[0]);
	if (rc) {
		free(*text);
		*text = NULL;
	}
	return rc;
}
