/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>

#include "harness/kernel.h"
#include "kernels/registry.h"
#include "tests/cmocka.h"
#include "tests/kernels/memory_cell.h"

#define NO_CPU (CPU_SETSIZE - 1)

/* A cell of two threads, the second one on `cpu`. */
static void *open_cell(const struct kernel **k, unsigned cpu)
{
	static struct cell cell;
	static struct place place;
	struct setup setup;
	struct err e = {""};
	void *state = NULL;

	*k = registry_find("shootdown");
	cell = memory_cell(*k, "munmap", 0, 2);
	place.count = 2;
	place.cpu[0] = (unsigned)sched_getcpu();
	place.cpu[1] = cpu;
	setup = memory_setup(&cell);
	setup.place = &place;
	assert_int_equal((*k)->setup(&setup, &state, &e), 0);
	return state;
}

/* A CPU that this process may use: another one than it runs on, if there is any. */
static unsigned other_cpu(void)
{
	unsigned cpu = (unsigned)sched_getcpu(), here = cpu;
	cpu_set_t may;

	assert_int_equal(sched_getaffinity(0, sizeof(may), &may), 0);
	for (unsigned i = 0; i < CPU_SETSIZE; i++)
		if (i != here && CPU_ISSET(i, &may))
			cpu = i;
	return cpu;
}

static void every_page_is_touched_and_unmapped(void **unused)
{
	const struct kernel *k;
	void *state = open_cell(&k, other_cpu());
	struct timing t[3] = {{0}};
	struct err e = {""};

	(void)unused;
	assert_int_equal(k->take(state, true, 2, 1, t, &e), 0);
	assert_true(t[0].ticks > 0);
	assert_int_equal(k->verify(state, &e), -EIO);
	assert_says(e, "no page was unmapped");
	assert_int_equal(k->take(state, false, 2, 3, t, &e), 0);
	assert_true(t[0].ticks > 0 && t[1].ticks > 0 && t[2].ticks > 0);
	assert_int_equal(k->verify(state, &e), 0);
	k->teardown(state);
}

static void a_thread_that_is_elsewhere_is_found_out(void **unused)
{
	const struct kernel *k;
	void *state = open_cell(&k, NO_CPU);
	struct timing t = {0};
	struct err e = {""};

	(void)unused;
	assert_int_equal(k->take(state, false, 1, 1, &t, &e), 0);
	assert_int_equal(k->verify(state, &e), -EIO);
	assert_says(e, "1 of 1 threads could not be pinned");
	k->teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_page_is_touched_and_unmapped),
	        cmocka_unit_test(a_thread_that_is_elsewhere_is_found_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
