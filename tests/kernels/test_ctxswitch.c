/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The state is the kernel's own: the tests look into it. */
#include "kernels/ctxswitch.c" /* NOLINT(bugprone-suspicious-include) */
#include "tests/kernels/memory_cell.h"

static struct state *open_or_skip(const struct cell *cell)
{
	static struct place place = {.count = 1};
	struct setup setup = memory_setup(cell);
	struct err e = {""};
	void *state = NULL;
	int rc;

	place.cpu[0] = (unsigned)sched_getcpu();
	setup.place = &place;
	rc = ctxswitch_probe(&setup, &e);
	if (!rc)
		rc = ctxswitch_setup(&setup, &state, &e);
	if (rc == -ENOTSUP)
		skip_because("%s", e.text);
	if (rc || !state)
		fail_msg("%s", e.text);
	return state;
}

static void questions_are_answered(const char *variant)
{
	struct cell cell = memory_cell(&kernel_ctxswitch, variant, 0, 1);
	struct state *s = open_or_skip(&cell);
	pid_t child = s->child;
	struct err e = {""};

	assert_int_equal(ctxswitch_verify(s, &e), -EIO);
	ctxswitch_run(s, 0, 20);
	if (ctxswitch_verify(s, &e))
		fail_msg("%s: %s", variant, e.text);
	ctxswitch_teardown(s);
	assert_int_equal(kill(child, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void one_cpu_answers(void **unused)
{
	(void)unused;
	questions_are_answered("same");
}

static void another_cpu_answers(void **unused)
{
	(void)unused;
	questions_are_answered("cross");
}

static void the_child_is_where_it_should_be(void **unused)
{
	struct cell cell = memory_cell(&kernel_ctxswitch, "cross", 0, 1);
	struct state *s = open_or_skip(&cell);
	cpu_set_t set;

	(void)unused;
	assert_int_equal(sched_getaffinity(s->child, sizeof(set), &set), 0);
	assert_int_equal(CPU_COUNT(&set), 1);
	ctxswitch_teardown(s);
}

static void a_dead_child_shows(void **unused)
{
	struct cell cell = memory_cell(&kernel_ctxswitch, "same", 0, 1);
	struct state *s = open_or_skip(&cell);
	struct err e = {""};

	(void)unused;
	signal(SIGPIPE, SIG_IGN);
	close(s->to[1]); /* the child takes that for the end */
	s->to[1] = -1;
	ctxswitch_run(s, 0, 3);
	assert_int_equal(ctxswitch_verify(s, &e), -EIO);
	assert_string_equal(e.text, "3 of 3 answers were wrong");
	ctxswitch_teardown(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(one_cpu_answers),
	        cmocka_unit_test(another_cpu_answers),
	        cmocka_unit_test(the_child_is_where_it_should_be),
	        cmocka_unit_test(a_dead_child_shows),
	};

	return cmocka_run_group_tests_name("ctxswitch", tests, NULL, NULL);
}
