/* SPDX-License-Identifier: MIT */
/* The start line of several guests: who waits for whom, and what they had in common. */
#include "vmrun/wire/line.h"

#include <poll.h>
#include <unistd.h>

#include "tests/cmocka.h"

static struct line *line;
static struct vm_meeting met;

static int setup(void **state)
{
	(void)state;
	return line_open(2, &line, NULL);
}

static int teardown(void **state)
{
	(void)state;
	line_close(line);
	return 0;
}

static bool is_woken(unsigned guest)
{
	struct pollfd fd = {.fd = line_fd(line, guest), .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

static void both_start(void)
{
	for (unsigned i = 0; i < 2; i++)
		line_arrive(line, i);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(line_ask(line, i, &met), LINE_GO);
		line_went(line, i);
		line_begin(line, i, 0);
	}
}

static void test_nobody_goes_before_all_are_there(void **state)
{
	(void)state;
	assert_int_equal(line_ask(line, 0, &met), LINE_WAIT);
	line_arrive(line, 0);
	assert_false(is_woken(0));
	assert_int_equal(line_ask(line, 0, &met), LINE_WAIT);
	line_arrive(line, 1);
	assert_true(is_woken(0));
	assert_true(is_woken(1));
	assert_int_equal(line_ask(line, 0, &met), LINE_GO);
	assert_false(is_woken(0));
	assert_int_equal(line_ask(line, 0, &met), LINE_WAIT);
	assert_int_equal(line_ask(line, 1, &met), LINE_GO);
}

static void test_side_by_side(void **state)
{
	(void)state;
	both_start();
	usleep(1000);
	line_arrive(line, 1);
	line_arrive(line, 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(line_ask(line, i, &met), LINE_GO);
		assert_int_equal(met.guests, 2);
		assert_true(met.skew >= 0);
		assert_true(met.together > 0 && met.together <= 1);
	}
}

/* Both measured, but the one only when the other was done. */
static void test_one_after_the_other(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++)
		line_arrive(line, i);
	assert_int_equal(line_ask(line, 0, &met), LINE_GO);
	line_went(line, 0);
	line_arrive(line, 0);
	usleep(1000);
	assert_int_equal(line_ask(line, 1, &met), LINE_GO);
	line_went(line, 1);
	line_arrive(line, 1);
	assert_int_equal(line_ask(line, 0, &met), LINE_GO);
	assert_int_equal(met.guests, 2);
	assert_true(met.skew >= 1e-3);
	assert_true(met.together <= 0);
}

/* A cell that one guest leaves out: nobody waits for it there, and the other was alone. */
static void test_point_that_one_leaves_out(void **state)
{
	(void)state;
	both_start();
	line_arrive(line, 0);
	assert_int_equal(line_ask(line, 0, &met), LINE_WAIT);
	line_end(line, 1, 0);
	assert_int_equal(line_ask(line, 0, &met), LINE_GO);
	line_went(line, 0);
	line_arrive(line, 0);
	assert_int_equal(line_ask(line, 0, &met), LINE_GO);
	assert_int_equal(met.guests, 1);
	assert_true(met.together <= 0);
	/* In the next job they meet again. */
	line_begin(line, 1, 1);
	line_arrive(line, 1);
	assert_int_equal(line_ask(line, 1, &met), LINE_WAIT);
	line_end(line, 0, 0);
	line_begin(line, 0, 1);
	line_arrive(line, 0);
	assert_int_equal(line_ask(line, 0, &met), LINE_GO);
	assert_int_equal(line_ask(line, 1, &met), LINE_GO);
}

static void test_one_that_is_done(void **state)
{
	struct err why;

	(void)state;
	both_start();
	line_leave(line, 1, NULL);
	line_arrive(line, 0);
	assert_int_equal(line_ask(line, 0, &met), LINE_GO);
	assert_int_equal(line_why(line, &why), -1);
	line_leave(line, 0, NULL);
	line_whole(line, &met);
	assert_int_equal(met.guests, 2);
	assert_true(met.together > 0 && met.together <= 1);
}

static void test_one_that_fails(void **state)
{
	const struct err first = {"it died"}, second = {"ended"};
	struct err why;

	(void)state;
	line_arrive(line, 0);
	line_leave(line, 1, &first);
	assert_true(is_woken(0));
	assert_int_equal(line_ask(line, 0, &met), LINE_BROKEN);
	line_leave(line, 0, &second);
	assert_int_equal(line_why(line, &why), 1);
	assert_string_equal(why.text, "it died");
}

/* The one that is let go and the one that fails wake by the same descriptor. */
static void test_one_that_fails_as_they_go(void **state)
{
	const struct err why = {"it died"};

	(void)state;
	line_arrive(line, 0);
	line_arrive(line, 1);
	line_leave(line, 1, &why);
	assert_int_equal(line_ask(line, 0, &met), LINE_GO);
	assert_true(is_woken(0));
	assert_int_equal(line_ask(line, 0, &met), LINE_BROKEN);
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_nobody_goes_before_all_are_there),
	        t(test_side_by_side),
	        t(test_one_after_the_other),
	        t(test_point_that_one_leaves_out),
	        t(test_one_that_is_done),
	        t(test_one_that_fails),
	        t(test_one_that_fails_as_they_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
