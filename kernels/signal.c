/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "harness/kernel.h"

#define PAGE 4096

enum cause { SENT, FAULT };

static const struct variant variants[] = {
        {"sent", "a signal that the thread sends to itself, and its handler", -1, SENT},
        {"fault", "a store to a page that is protected, and the handler of SIGSEGV", -1, FAULT},
};

/* A handler is told nothing but the signal: what it counts is of the thread that caught it. */
static _Thread_local volatile uint64_t caught;

struct state {
	enum cause cause;
	char *page; /* read-only */
	struct sigaction before;
	uint64_t iterations;
	uint64_t caught;
};

static void on_signal(int number)
{
	(void)number;
	caught++;
}

#define STORE_LENGTH 3 /* bytes of movb $1,(%rdi) */

/* Goes on behind the store that failed. */
static void on_fault(int number, siginfo_t *info, void *context)
{
	ucontext_t *c = context;

	(void)number;
	(void)info;
	c->uc_mcontext.gregs[REG_RIP] += STORE_LENGTH;
	caught++;
}

static int signal_of(enum cause cause)
{
	return cause == FAULT ? SIGSEGV : SIGUSR1;
}

static int signal_setup(const struct setup *setup, void **state, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));
	struct sigaction action = {0};

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of signal");
	s->cause = (enum cause)setup->cell->variant->value;
	s->page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->page == MAP_FAILED) {
		free(s);
		return err_errno(e, "cannot map a page");
	}
	if (s->cause == FAULT) {
		action.sa_sigaction = on_fault;
		action.sa_flags = SA_SIGINFO;
	} else {
		action.sa_handler = on_signal;
	}
	if (sigaction(signal_of(s->cause), &action, &s->before)) {
		int rc = err_errno(e, "sigaction");

		munmap(s->page, PAGE);
		free(s);
		return rc;
	}
	*state = s;
	return 0;
}

static void signal_run(void *state, unsigned thread, uint64_t iterations)
{
	struct state *s = state;
	pid_t process = getpid();
	pid_t self = (pid_t)syscall(SYS_gettid);
	uint64_t before = caught;

	(void)thread;
	if (s->cause == SENT) {
		for (uint64_t i = 0; i < iterations; i++)
			syscall(SYS_tgkill, process, self, SIGUSR1);
	} else {
		for (uint64_t i = 0; i < iterations; i++)
			__asm__ volatile("movb $1, (%0)" : : "D"(s->page) : "memory");
	}
	s->iterations += iterations;
	s->caught += caught - before;
}

static int signal_verify(void *state, struct err *e)
{
	const struct state *s = state;

	if (!s->iterations || s->caught != s->iterations)
		return err_set(e, EIO, "%lu signals were caught of %lu", s->caught, s->iterations);
	return 0;
}

static void signal_teardown(void *state)
{
	struct state *s = state;

	sigaction(signal_of(s->cause), &s->before, NULL);
	munmap(s->page, PAGE);
	free(s);
}

const struct kernel kernel_signal = {
        .name = "signal",
        .summary =
                "A signal from its cause through its handler to the next instruction: a yardstick "
                "for world switches and for #VC.",
        .unit = UNIT_LATENCY,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .setup = signal_setup,
        .run = signal_run,
        /* No baseline: the loop is nothing beside a signal. */
        .verify = signal_verify,
        .teardown = signal_teardown,
};
