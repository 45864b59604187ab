/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>

/* The state is the kernel's own: the tests look into it. */
#include "kernels/pingpong.c" /* NOLINT(bugprone-suspicious-include) */
#include "tests/kernels/memory_cell.h"

#define ROUNDS 20 /* where both threads share one CPU, each costs two time slices */

static void *answer(void *state)
{
	pingpong_run(state, 1, ROUNDS);
	return NULL;
}

static void play(struct state *s)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, answer, s), 0);
	pingpong_run(s, 0, ROUNDS);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void every_way_plays_all_rounds(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_pingpong.variant_count; i++) {
		struct cell cell = memory_cell(&kernel_pingpong, variants[i].name, 0, 2);
		struct state *s = memory_cell_open(&cell);
		struct err e = {""};

		play(s);
		play(s);
		assert_int_equal(s->rounds[0], 2 * ROUNDS);
		if (pingpong_verify(s, &e))
			fail_msg("%s: %s", variants[i].name, e.text);
		free(s);
	}
}

static void a_game_not_played_shows(void **unused)
{
	struct cell cell = memory_cell(&kernel_pingpong, "line", 0, 2);
	struct state *s = memory_cell_open(&cell);
	struct err e = {""};

	(void)unused;
	assert_int_equal(pingpong_verify(s, &e), -EIO);
	assert_string_equal(e.text, "the threads played 0 and 0 rounds");
	play(s);
	s->turn[0][0]++;
	assert_int_equal(pingpong_verify(s, &e), -EIO);
	assert_string_equal(e.text, "the line ended at turn 41 instead of 40");
	s->rounds[1]--;
	assert_int_equal(pingpong_verify(s, &e), -EIO);
	assert_string_equal(e.text, "the threads played 20 and 19 rounds");
	free(s);
}

/* The names are keys: each stands for one relation, which the harness looks for. */
static void the_names_say_how_near_the_cpus_are(void **unused)
{
	static const struct {
		const char *variant;
		enum place_relation relation;
	} want[] = {{"line", PLACE_ANY},          {"two_lines", PLACE_ANY},
	            {"exchange", PLACE_ANY},      {"line_smt", PLACE_SMT},
	            {"line_l3", PLACE_L3},        {"line_node", PLACE_NODE},
	            {"line_remote", PLACE_REMOTE}};

	(void)unused;
	assert_int_equal(kernel_pingpong.variant_count, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < kernel_pingpong.variant_count; i++) {
		struct cell cell = memory_cell(&kernel_pingpong, want[i].variant, 0, 2);

		assert_int_equal(kernel_pingpong.relation(&cell), want[i].relation);
	}
}

static void the_lines_are_apart(void **unused)
{
	struct cell cell = memory_cell(&kernel_pingpong, "two_lines", 0, 2);
	struct state *s = memory_cell_open(&cell);

	(void)unused;
	assert_int_equal((uintptr_t)s->turn[0] % LINE, 0);
	assert_int_equal((uintptr_t)s->turn[1] - (uintptr_t)s->turn[0], LINE);
	assert_true((uintptr_t)&s->way - (uintptr_t)s->turn[1] >= LINE);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_way_plays_all_rounds),
	        cmocka_unit_test(a_game_not_played_shows),
	        cmocka_unit_test(the_names_say_how_near_the_cpus_are),
	        cmocka_unit_test(the_lines_are_apart),
	};

	return cmocka_run_group_tests_name("pingpong", tests, NULL, NULL);
}
