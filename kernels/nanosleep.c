/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "harness/kernel.h"

static const struct variant variants[] = {
        {"50us", "asleep for 50 us, while the host may still poll", -1, 50000},
        {"1ms", "asleep for 1 ms, when the host has put the vCPU to sleep", -1, 1000000},
};

struct state {
	int64_t ns;
	int slack; /* of the process before, in ns */
	uint64_t slept, failed;
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Linux may wake an ordinary process 50 us later than it asked for. */
static int nanosleep_setup(const struct setup *setup, void **state, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of nanosleep");
	s->ns = (int64_t)setup->cell->variant->value;
	s->slack = prctl(PR_GET_TIMERSLACK);
	if (s->slack < 0 || prctl(PR_SET_TIMERSLACK, 1)) {
		int rc = err_errno(e, "prctl(PR_SET_TIMERSLACK)");

		free(s);
		return rc;
	}
	*state = s;
	return 0;
}

static void nanosleep_run(void *state, unsigned thread, uint64_t iterations)
{
	struct state *s = state;
	const struct timespec delay = {.tv_nsec = s->ns};

	(void)thread;
	for (; iterations; iterations--) {
		s->failed += clock_nanosleep(CLOCK_MONOTONIC, 0, &delay, NULL) != 0;
		s->slept++;
	}
}

static void nanosleep_baseline(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;

	(void)thread;
	for (; iterations; iterations--)
		for (int64_t until = now() + s->ns; now() < until;)
			;
}

static int nanosleep_verify(void *state, struct err *e)
{
	const struct state *s = state;

	if (!s->slept)
		return err_set(e, EIO, "nothing was slept");
	if (s->failed)
		return err_set(e, EIO, "%" PRIu64 " of %" PRIu64 " sleeps were broken off",
		               s->failed, s->slept);
	return 0;
}

static void nanosleep_teardown(void *state)
{
	struct state *s = state;

	prctl(PR_SET_TIMERSLACK, (unsigned long)s->slack);
	free(s);
}

const struct kernel kernel_nanosleep = {
        .name = "nanosleep",
        .summary = "clock_nanosleep() of a process: until it runs again, with a timer, a switch to "
                   "the idle task, HLT and the way back; the baseline waits awake. In user mode "
                   "what halt is in ring 0.",
        .unit = UNIT_LATENCY,
        .flags = KERNEL_SINGLE_SHOT,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .setup = nanosleep_setup,
        .run = nanosleep_run,
        .baseline = nanosleep_baseline,
        .verify = nanosleep_verify,
        .teardown = nanosleep_teardown,
};
