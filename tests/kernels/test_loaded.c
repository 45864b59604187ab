/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <unistd.h>

/* The state is the kernel's own: the tests look into it. */
#include "kernels/loaded.c" /* NOLINT(bugprone-suspicious-include) */
#include "tests/kernels/memory_cell.h"

static void *neighbour_thread(void *state)
{
	loaded_run(state, 1, 0);
	return NULL;
}

static void the_neighbour_streams_until_the_end(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_loaded.variant_count; i++) {
		struct cell cell = memory_cell(&kernel_loaded, variants[i].name, 64 << 10, 2);
		struct state *s = memory_cell_open(&cell);
		struct err e = {""};

		for (unsigned batch = 1; batch <= 3; batch++) {
			pthread_t thread;

			assert_int_equal(pthread_create(&thread, NULL, neighbour_thread, s), 0);
			usleep(2000); /* thread 0 comes late: the neighbour must still be there */
			loaded_run(s, 0, 1000);
			assert_int_equal(pthread_join(thread, NULL), 0);
			assert_int_equal(s->ended, batch);
			assert_int_equal(s->neighbours[1].batches, batch);
			assert_true(s->neighbours[1].chunks >= batch);
		}
		if (loaded_verify(s, &e))
			fail_msg("%s: %s", variants[i].name, e.text);
		loaded_teardown(s);
	}
}

static void alone_it_is_a_chase(void **unused)
{
	struct cell cell = memory_cell(&kernel_loaded, "read", 64 << 10, 1);

	(void)unused;
	memory_cell_works(&cell, 5000);
}

/* No neighbour may touch the lines of the chase, nor leave its own array. */
static void neighbours_keep_to_their_arrays(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_loaded.variant_count; i++) {
		struct cell cell = memory_cell(&kernel_loaded, variants[i].name, 8192, 3);
		struct state *s = memory_cell_open(&cell);
		const char *third;
		char before[8192];

		third = (const char *)s->mem.base + 16384;
		memcpy(before, third, sizeof(before));
		loaded_run(s, 0, 10);
		for (unsigned chunk = 0; chunk < 5; chunk++) {
			s->neighbours[1].batches = 0;
			loaded_run(s, 1, 10);
		}
		assert_memory_equal(before, third, sizeof(before));
		assert_int_equal(cycle_verify(&s->cycle, NULL), 0);
		assert_int_equal(s->neighbours[1].at,
		                 4096); /* five chunks through an array of two */
		loaded_teardown(s);
	}
}

static void an_absent_neighbour_shows(void **unused)
{
	struct cell cell = memory_cell(&kernel_loaded, "read", 8192, 3);
	struct state *s = memory_cell_open(&cell);
	struct err e = {""};

	(void)unused;
	loaded_run(s, 0, 10);
	loaded_run(s, 1, 10);
	assert_int_equal(loaded_verify(s, &e), -EIO);
	assert_string_equal(e.text, "neighbour 2 was there in 0 of 1 batches");
	loaded_run(s, 2, 10);
	assert_int_equal(loaded_verify(s, &e), 0);
	s->steps++;
	assert_int_equal(loaded_verify(s, &e), -EIO);
	assert_string_equal(e.text, "11 steps ended at line 10");
	loaded_teardown(s);
}

static void size_is_that_of_each_thread(void **unused)
{
	struct cell cell = memory_cell(&kernel_loaded, "read", 1 << 20, 4);

	(void)unused;
	assert_int_equal(kernel_loaded.footprint(&cell), (4 << 20) + (1 << 20) / 16);
	cell.size = 4096 + 64;
	memory_cell_is_refused(&cell, "size 4160 is not a multiple of 4096 bytes");
	cell.size = 1ULL << 62;
	memory_cell_is_refused(&cell, "too large");
}

static void the_neighbours_do_what_their_names_promise(void **unused)
{
	static const struct promise promises[] = {
	        {"load_read", "^mov[a-z]+ +.*\\(%r.*\\),%xmm", "movnt|%xmm[0-9]+,.*\\("},
	        {"load_write", "^mov[a-z]+ +%xmm[0-9]+,.*\\(%r", "movnt"},
	        {"load_copy", "^mov[a-z]+ +%xmm[0-9]+,.*\\(%r", "movnt"},
	        {"load_write_nt", "^movnt(dq|ps|pd) +%xmm", NULL},
	        {"load_write_nt", "^sfence", NULL},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++)
		promise_holds(&promises[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_neighbour_streams_until_the_end),
	        cmocka_unit_test(alone_it_is_a_chase),
	        cmocka_unit_test(neighbours_keep_to_their_arrays),
	        cmocka_unit_test(an_absent_neighbour_shows),
	        cmocka_unit_test(size_is_that_of_each_thread),
	        cmocka_unit_test(the_neighbours_do_what_their_names_promise),
	};

	return cmocka_run_group_tests_name("loaded", tests, NULL, NULL);
}
