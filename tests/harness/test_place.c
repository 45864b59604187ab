/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>

#include "harness/place.h"
#include "harness/place_choose.h"

static void test_this_machine(void **state)
{
	struct place place;
	struct err e = {""};
	cpu_set_t mask;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(mask), &mask), 0);
	if (place_choose(1, NULL, &place, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(place.count, 1);
	assert_true(CPU_ISSET(place.cpu[0], &mask));
	assert_true(place.node == -1 || place_node_exists(place.node));
	assert_int_equal(place_choose((unsigned)CPU_COUNT(&mask) + 1, NULL, &place, &e), -EINVAL);
	assert_int_equal(place_choose(1, "99999", &place, &e), -EINVAL);
	assert_non_null(strstr(e.text, "CPU 99999 does not exist"));
}

/*
 * The mask of the moment counts, not the one at start; and the only CPU that is left is what the
 * topology says it is, too.
 */
static void test_restricted_mask(void **state)
{
	struct place place;
	struct place listed;
	char number[16];
	struct err e = {""};
	cpu_set_t before;
	cpu_set_t one;
	unsigned last = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	for (unsigned i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &before))
			last = i;
	CPU_ZERO(&one);
	CPU_SET(last, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(place_choose(1, NULL, &place, &e), 0);
	assert_int_equal(place.cpu[0], last);
	snprintf(number, sizeof(number), "%u", last);
	assert_int_equal(place_choose(1, number, &listed, &e), 0);
	assert_int_equal(place.count, listed.count);
	assert_int_equal(place.cpu[0], listed.cpu[0]);
	assert_int_equal(place.node, listed.node);
	assert_int_equal(place.shares_core, listed.shares_core);
	assert_int_equal(place.core_threads, listed.core_threads);
	assert_int_equal(place_choose(2, NULL, &place, &e), -EINVAL);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

static void test_pin(void **state)
{
	struct err e = {""};
	cpu_set_t before;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	for (unsigned i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &before))
			continue;
		assert_int_equal(place_pin(i, &e), 0);
		assert_int_equal(sched_getcpu(), i);
	}
	assert_true(place_pin(100000, &e) < 0);
	assert_non_null(strstr(e.text, "CPU 100000"));
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

static void test_text(void **state)
{
	struct place place = {.count = 3, .cpu = {2, 14, 6}};
	char text[32];

	(void)state;
	place_text(&place, text, sizeof(text));
	assert_string_equal(text, "2;14;6");
	place_text(&place, text, 7);
	assert_string_equal(text, "2;14;6");
	place_text(&place, text, 6);
	assert_string_equal(text, "2;14"); /* never half a number */
	place_text(&place, text, 1);
	assert_string_equal(text, "");
	place.count = 0;
	place_text(&place, text, sizeof(text));
	assert_string_equal(text, "");
}

static void test_nodes(void **state)
{
	unsigned count = 0;

	(void)state;
	for (int i = 0; i < PLACE_NODES; i++)
		count += place_node_exists(i);
	assert_int_equal(place_node_count(), count);
	assert_false(place_node_exists(-1));
	assert_false(place_node_exists(1023));
	assert_false(place_node_exists(PLACE_NODES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_this_machine), cmocka_unit_test(test_restricted_mask),
	        cmocka_unit_test(test_pin),          cmocka_unit_test(test_text),
	        cmocka_unit_test(test_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
