/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/buffers.h"

#define STATUS 42 /* that every child exits with */

static const struct variant variants[] = {
        {"fork", "fork(): page tables are copied and pages become shared", -1, 0},
};

static const struct buffers_spec arrays = {.count = 1};

struct state {
	struct buffers buffers;
	uint64_t iterations;
	uint64_t wrong; /* children that did not come, or ended otherwise */
};

static uint64_t fork_footprint(const struct cell *cell)
{
	return buffers_footprint(cell, &arrays);
}

static int fork_setup(const struct setup *setup, void **state, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of fork");
	rc = buffers_open(setup, &arrays, &s->buffers, e);
	if (rc)
		free(s);
	else
		*state = s;
	return rc;
}

static void fork_run(void *state, unsigned thread, uint64_t iterations)
{
	struct state *s = state;

	(void)thread;
	for (uint64_t i = 0; i < iterations; i++) {
		pid_t child = fork();
		int status = 0;

		if (child == 0)
			_exit(STATUS);
		if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
		    WEXITSTATUS(status) != STATUS)
			s->wrong++;
	}
	s->iterations += iterations;
}

static int fork_verify(void *state, struct err *e)
{
	const struct state *s = state;

	if (!s->iterations)
		return err_set(e, EIO, "no child was made");
	if (s->wrong)
		return err_set(e, EIO, "%lu of %lu children did not exit as they should", s->wrong,
		               s->iterations);
	return 0;
}

static void fork_teardown(void *state)
{
	struct state *s = state;

	buffers_close(&s->buffers);
	free(s);
}

static const uint64_t sizes[] = {1 << 20, 64 << 20, 256 << 20, 0};

const struct kernel kernel_fork = {
        .name = "fork",
        .summary =
                "fork() of a process with the given size of written memory, the child's exit and "
                "the wait for it: a yardstick for page-table work.",
        .unit = UNIT_LATENCY,
        .flags = KERNEL_MEMORY,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .sizes = sizes,
        .footprint = fork_footprint,
        .check = buffers_check,
        .setup = fork_setup,
        .run = fork_run,
        /* No baseline: the loop is nothing beside a fork. */
        .verify = fork_verify,
        .teardown = fork_teardown,
};
