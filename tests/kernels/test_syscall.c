/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The state is the kernel's own: the tests look into it. */
#include "kernels/syscall.c" /* NOLINT(bugprone-suspicious-include) */
#include "tests/kernels/memory_cell.h"

static void every_call_is_made(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_syscall.variant_count; i++) {
		struct cell cell = memory_cell(&kernel_syscall, variants[i].name, 0, 1);

		memory_cell_works(&cell, 100);
		memory_cell_idleness_shows(&cell);
	}
}

static void a_call_that_failed_shows(void **unused)
{
	struct cell cell = memory_cell(&kernel_syscall, "read", 0, 1);
	struct state *s = memory_cell_open(&cell);
	struct err e = {""};
	int fd = s->fd;

	(void)unused;
	syscall_run(s, 0, 5);
	s->fd = -1;
	syscall_run(s, 0, 2);
	assert_int_equal(syscall_verify(s, &e), -EIO);
	assert_string_equal(e.text, "2 of 7 system calls failed");
	s->fd = fd;
	syscall_teardown(s);
}

static void the_instruction_is_in_the_loop(void **unused)
{
	const struct promise promise = {"syscall_run", "^syscall", NULL};

	(void)unused;
	promise_holds(&promise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_call_is_made),
	        cmocka_unit_test(a_call_that_failed_shows),
	        cmocka_unit_test(the_instruction_is_in_the_loop),
	};

	return cmocka_run_group_tests_name("syscall", tests, NULL, NULL);
}
