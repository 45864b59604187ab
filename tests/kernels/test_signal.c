/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The state is the kernel's own: the tests look into it. */
#include "kernels/signal.c" /* NOLINT(bugprone-suspicious-include) */
#include "tests/kernels/memory_cell.h"

static void every_signal_is_caught(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_signal.variant_count; i++) {
		struct cell cell = memory_cell(&kernel_signal, variants[i].name, 0, 1);
		struct state *s = memory_cell_open(&cell);

		assert_int_equal(signal_verify(s, NULL), -EIO);
		signal_run(s, 0, 10);
		signal_run(s, 0, 5);
		assert_int_equal(s->caught, 15);
		assert_int_equal(signal_verify(s, NULL), 0);
		signal_teardown(s);
	}
}

static void a_signal_that_was_lost_shows(void **unused)
{
	struct cell cell = memory_cell(&kernel_signal, "sent", 0, 1);
	struct state *s = memory_cell_open(&cell);
	struct err e = {""};

	(void)unused;
	signal_run(s, 0, 3);
	s->caught--;
	assert_int_equal(signal_verify(s, &e), -EIO);
	assert_string_equal(e.text, "2 signals were caught of 3");
	signal_teardown(s);
}

static void the_handler_from_before_is_back(void **unused)
{
	struct cell cell = memory_cell(&kernel_signal, "fault", 0, 1);
	struct sigaction before;
	struct sigaction after;

	(void)unused;
	sigaction(SIGSEGV, NULL, &before);
	memory_cell_works(&cell, 1);
	sigaction(SIGSEGV, NULL, &after);
	assert_true(before.sa_handler == after.sa_handler);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_signal_is_caught),
	        cmocka_unit_test(a_signal_that_was_lost_shows),
	        cmocka_unit_test(the_handler_from_before_is_back),
	};

	return cmocka_run_group_tests_name("signal", tests, NULL, NULL);
}
