/* SPDX-License-Identifier: MIT */
/* Child processes that never outlive their parent and are never waited for without bounds. */
#ifndef VMRUN_SYSTEM_PROCESS_H
#define VMRUN_SYSTEM_PROCESS_H

#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/types.h>

#include "harness/err.h"

/*
 * Find `name` as harness/program.h does; a name with a slash is a path. *path is absolute. -ENOENT
 * when no such file can be executed.
 */
int process_find(const char *name, char path[PATH_MAX], struct err *e);

#define PROCESS_GROUPS 4

/* Another user to run as. */
struct process_user {
	uid_t uid;
	gid_t gid;
	gid_t groups[PROCESS_GROUPS]; /* supplementary ones */
	size_t group_count;
	bool lock_memory; /* it may lock as much as it likes, as root may */
};

/*
 * Become that user for good, with no capability left. 0, or -1 with errno. To let it lock memory
 * takes CAP_SYS_RESOURCE.
 */
int process_become(const struct process_user *user);

struct process_spec {
	char *const *argv;        /* argv[0] is the path */
	char *const *environment; /* NULL: the caller's */
	int output;               /* descriptor that becomes standard output and standard error */
	const cpu_set_t *cpus;    /* affinity; NULL: the caller's */
	bool no_thp;           /* no transparent huge pages in this process (PR_SET_THP_DISABLE) */
	const char *directory; /* to run in, where it leaves no core; NULL: the caller's */
	const struct process_user *user; /* NULL: the caller's */
	bool no_new_privileges;          /* no program that it starts can gain any */
};

struct process {
	pid_t pid; /* 0: none */
	int pidfd; /* readable when it has ended; -1: none */
};

/*
 * Start a program in a session and process group of its own, which bear its number: without our
 * terminal, into which it could type. It has /dev/null as standard input and no descriptor of ours.
 * Linux kills it when the calling thread ends, however that happens (PR_SET_PDEATHSIG), so it must
 * be started by the thread that waits for it. An exec that fails is an error here.
 */
int process_start(const struct process_spec *spec, struct process *process, struct err *e);

/*
 * Wait at most `seconds` for the process to end. 1: it has, and *status is as from waitpid(); 0: it
 * still runs. A process that has ended is released by this.
 */
int process_wait(struct process *process, double seconds, int *status);

/*
 * End it: SIGTERM, `grace` seconds, SIGKILL. *status as above, 0 when it had been released already.
 * A process that SIGKILL does not end within seconds hangs in Linux: -EBUSY, and it is left behind.
 */
int process_stop(struct process *process, double grace, int *status, struct err *e);

/* "exited with status 1", "was killed by signal 9 (Killed)". */
void process_status_text(int status, char *text, size_t size);

/*
 * Run a program to its end and take what it wrote to standard output and standard error: *text, to
 * be freed. -ETIMEDOUT when it takes longer than `seconds`; -EIO, with its text, when it fails.
 * *text is NULL whenever it fails.
 */
int process_capture(char *const argv[], double seconds, char **text, struct err *e);

#endif
