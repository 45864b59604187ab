/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/kernel.h"

enum where { SAME, CROSS };

static const struct variant variants[] = {
        {"same", "both processes on one CPU: two switches", -1, SAME},
        {"cross", "each process on a CPU of its own: two wakings", -1, CROSS},
};

struct state {
	int to[2], from[2]; /* pipes: [1] is written, [0] read */
	pid_t child;
	uint64_t iterations;
	uint64_t wrong; /* answers that did not come or were not the question */
};

/* Another CPU than `own` that a process may run on; -1: there is none. Leaves `pid` there. */
static int move_to_another(pid_t pid, unsigned own)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	for (long cpu = 0; cpu < cpus && cpu < CPU_SETSIZE; cpu++) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET((size_t)cpu, &set);
		if (cpu != (long)own && sched_setaffinity(pid, sizeof(set), &set) == 0)
			return (int)cpu;
	}
	return -1;
}

static int ctxswitch_probe(const struct setup *setup, struct err *e)
{
	if (setup->cell->variant->value == CROSS && sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return err_set(e, ENOTSUP, "there is only one CPU");
	return 0;
}

/* Answers until the pipe is closed. */
static _Noreturn void answer(const struct state *s)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(s->to[1]);
	close(s->from[0]);
	while (read(s->to[0], &byte, 1) == 1 && write(s->from[1], &byte, 1) == 1)
		;
	_exit(0);
}

static void close_all(const struct state *s)
{
	for (unsigned i = 0; i < 2; i++) {
		if (s->to[i] >= 0)
			close(s->to[i]);
		if (s->from[i] >= 0)
			close(s->from[i]);
	}
}

static void ctxswitch_teardown(void *state)
{
	struct state *s = state;

	close_all(s);
	if (s->child > 0) {
		kill(s->child, SIGKILL);
		waitpid(s->child, NULL, 0);
	}
	free(s);
}

/* The child starts where this thread is pinned, and stays there for `same`. */
static int start_child(struct state *s, const struct setup *setup, struct err *e)
{
	if (pipe2(s->to, O_CLOEXEC) || pipe2(s->from, O_CLOEXEC))
		return err_errno(e, "cannot open a pipe");
	s->child = fork();
	if (s->child < 0)
		return err_errno(e, "fork");
	if (s->child == 0)
		answer(s);
	if (setup->cell->variant->value == CROSS &&
	    move_to_another(s->child, setup->place->cpu[0]) < 0)
		return err_set(e, ENOTSUP, "there is no other CPU that a process may run on");
	return 0;
}

static int ctxswitch_setup(const struct setup *setup, void **state, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of ctxswitch");
	s->to[0] = s->to[1] = s->from[0] = s->from[1] = -1;
	rc = start_child(s, setup, e);
	if (rc)
		ctxswitch_teardown(s);
	else
		*state = s;
	return rc;
}

static void ctxswitch_run(void *state, unsigned thread, uint64_t iterations)
{
	struct state *s = state;

	(void)thread;
	for (uint64_t i = 0; i < iterations; i++) {
		char question = (char)i;
		char reply = (char)~question;

		if (write(s->to[1], &question, 1) != 1 || read(s->from[0], &reply, 1) != 1 ||
		    reply != question)
			s->wrong++;
	}
	s->iterations += iterations;
}

static int ctxswitch_verify(void *state, struct err *e)
{
	const struct state *s = state;

	if (!s->iterations)
		return err_set(e, EIO, "nothing was asked");
	if (s->wrong)
		return err_set(e, EIO, "%lu of %lu answers were wrong", s->wrong, s->iterations);
	return 0;
}

const struct kernel kernel_ctxswitch = {
        .name = "ctxswitch",
        .summary = "A byte through a pipe to another process and back through a second one: a "
                   "yardstick for world switches. An iteration is both ways.",
        .unit = UNIT_LATENCY,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .probe = ctxswitch_probe,
        .setup = ctxswitch_setup,
        .run = ctxswitch_run,
        /* No baseline: the loop is nothing beside a switch. */
        .verify = ctxswitch_verify,
        .teardown = ctxswitch_teardown,
};
