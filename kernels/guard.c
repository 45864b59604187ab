/* SPDX-License-Identifier: MIT */
#include "kernels/guard.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void be_killed_quietly(void)
{
	static const int signals[] = {SIGBUS, SIGSEGV, SIGILL, SIGTRAP};
	const struct rlimit no_core = {0, 0};

	for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
	setrlimit(RLIMIT_CORE, &no_core);
}

int guard_try(void (*action)(void *argument), void *argument)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		return -errno;
	if (!child) {
		be_killed_quietly();
		action(argument);
		_exit(0);
	}
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}
