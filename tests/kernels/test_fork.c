/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The state is the kernel's own: the tests look into it. */
#include "kernels/fork.c" /* NOLINT(bugprone-suspicious-include) */
#include "tests/kernels/memory_cell.h"

static void children_come_and_go(void **unused)
{
	struct cell cell = memory_cell(&kernel_fork, "fork", 1 << 20, 1);

	(void)unused;
	memory_cell_works(&cell, 5);
	memory_cell_idleness_shows(&cell);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void a_child_that_failed_shows(void **unused)
{
	struct cell cell = memory_cell(&kernel_fork, "fork", 4096, 1);
	struct state *s = memory_cell_open(&cell);
	struct err e = {""};

	(void)unused;
	fork_run(s, 0, 2);
	s->wrong++;
	assert_int_equal(fork_verify(s, &e), -EIO);
	assert_string_equal(e.text, "1 of 2 children did not exit as they should");
	fork_teardown(s);
	cell.size = 100;
	memory_cell_is_refused(&cell, "size 100");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(children_come_and_go),
	        cmocka_unit_test(a_child_that_failed_shows),
	};

	return cmocka_run_group_tests_name("fork", tests, NULL, NULL);
}
