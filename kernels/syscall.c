/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/kernel.h"

enum call { GETPPID, READ };

static const struct variant variants[] = {
        {"getppid", "getppid(): into Linux and back", -1, GETPPID},
        {"read", "read() of one byte from /dev/zero", -1, READ},
};

struct state {
	enum call call;
	int fd; /* /dev/zero */
	char byte;
	uint64_t iterations;
	uint64_t wrong; /* results that are not what the call must give */
};

/* The instruction alone: the C library's wrapper would be measured with it. */
static inline long system_call(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "0"(number), "D"(a), "S"(b), "d"(c)
	                 : "rcx", "r11", "memory");
	return result;
}

static int syscall_setup(const struct setup *setup, void **state, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of syscall");
	s->call = (enum call)setup->cell->variant->value;
	s->fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (s->fd < 0) {
		free(s);
		return err_errno(e, "cannot open /dev/zero");
	}
	*state = s;
	return 0;
}

static void syscall_run(void *state, unsigned thread, uint64_t iterations)
{
	struct state *s = state;
	long number = s->call == READ ? SYS_read : SYS_getppid;
	long want = s->call == READ ? 1 : getppid();
	uint64_t wrong = 0;

	(void)thread;
	for (uint64_t i = 0; i < iterations; i++)
		wrong += system_call(number, s->fd, (long)&s->byte, 1) != want;
	s->iterations += iterations;
	s->wrong += wrong;
}

static void syscall_baseline(void *state, unsigned thread, uint64_t iterations)
{
	struct state *s = state;

	(void)thread;
	for (uint64_t i = 0; i < iterations; i++)
		__asm__ volatile("" : : "D"(s->fd), "S"(&s->byte) : "rax", "rcx", "r11", "memory");
}

static int syscall_verify(void *state, struct err *e)
{
	const struct state *s = state;

	if (!s->iterations)
		return err_set(e, EIO, "no system call was made");
	if (s->wrong)
		return err_set(e, EIO, "%lu of %lu system calls failed", s->wrong, s->iterations);
	return 0;
}

static void syscall_teardown(void *state)
{
	struct state *s = state;

	close(s->fd);
	free(s);
}

const struct kernel kernel_syscall = {
        .name = "syscall",
        .summary = "A system call of Linux, from SYSCALL to the next instruction: a yardstick for "
                   "world switches.",
        .unit = UNIT_LATENCY,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .setup = syscall_setup,
        .run = syscall_run,
        .baseline = syscall_baseline,
        .verify = syscall_verify,
        .teardown = syscall_teardown,
};
