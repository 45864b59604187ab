/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "harness/clock.h"
#include "harness/team.h"

/* All CPUs this process may use, at most four. */
static struct place everywhere(void)
{
	struct place place = {0};
	cpu_set_t mask;

	assert_int_equal(sched_getaffinity(0, sizeof(mask), &mask), 0);
	for (unsigned i = 0; i < CPU_SETSIZE && place.count < 4; i++)
		if (CPU_ISSET(i, &mask))
			place.cpu[place.count++] = i;
	return place;
}

struct ledger {
	atomic_uint calls[8];
	atomic_uint inside; /* threads that are in the work now */
	atomic_uint most;
	unsigned cpu[8];
};

static void note(void *state, unsigned thread, uint64_t iterations)
{
	struct ledger *l = state;

	atomic_fetch_add(&l->calls[thread], 1);
	l->cpu[thread] = (unsigned)sched_getcpu();
	(void)iterations;
}

static void test_every_thread_once(void **state)
{
	struct place place = everywhere();
	struct ledger l = {0};
	struct team *team;
	struct err e = {""};

	(void)state;
	assert_int_equal(team_open(&place, &team, &e), 0);
	for (unsigned run = 1; run <= 100; run++) {
		assert_true(team_run(team, note, &l, 1) > 0);
		if (team_check(team, &e) != 0)
			fail_msg("%s", e.text);
		for (unsigned i = 0; i < place.count; i++)
			assert_int_equal(l.calls[i], run);
	}
	for (unsigned i = 0; i < place.count; i++)
		assert_int_equal(l.cpu[i], place.cpu[i]);
	assert_int_equal(l.calls[place.count], 0);
	assert_int_equal(team_migrations(team), 0);
	team_close(team);
}

static void wait_ticks(void *state, unsigned thread, uint64_t iterations)
{
	uint64_t begin = clock_begin();

	(void)state;
	while (clock_end() - begin < iterations * (thread + 1))
		;
}

/* The time is that of the slowest thread. */
static void test_longest_counts(void **state)
{
	struct place place = everywhere();
	struct team *team;
	struct err e = {""};

	(void)state;
	assert_int_equal(team_open(&place, &team, &e), 0);
	assert_true(team_run(team, wait_ticks, NULL, 1000000) >= 1000000UL * place.count);
	team_close(team);
	place.count = 1;
	assert_int_equal(team_open(&place, &team, &e), 0);
	assert_true(team_run(team, wait_ticks, NULL, 1000000) >= 1000000);
	team_close(team);
}

static void meet(void *state, unsigned thread, uint64_t iterations)
{
	struct ledger *l = state;
	unsigned now = atomic_fetch_add(&l->inside, 1) + 1;

	if (now > l->most)
		l->most = now;
	wait_ticks(NULL, 0, iterations);
	(void)thread;
	atomic_fetch_sub(&l->inside, 1);
}

static void test_at_the_same_time(void **state)
{
	struct place place = everywhere();
	struct ledger l = {0};
	struct team *team;
	struct err e = {""};

	(void)state;
	if (place.count < 2)
		skip_because("needs two CPUs in the affinity mask");
	assert_int_equal(team_open(&place, &team, &e), 0);
	/* 20 ms each: longer than any time slice that keeps one thread waiting. */
	for (int i = 0; i < 5 && l.most < place.count; i++)
		team_run(team, meet, &l, 50000000);
	team_close(team);
	assert_int_equal(l.most, place.count);
}

/* Two threads that began before the third arrived: by their counters, that is. */
static void test_counters_that_differ(void **state)
{
	struct team_stamps stamps[3] = {{.arrived = 100, .begin = 300, .end = 900},
	                                {.arrived = 250, .begin = 310, .end = 800},
	                                {.arrived = 200, .begin = 305, .end = 850}};
	struct place place = {.count = 3, .cpu = {4, 6, 8}};
	struct err e = {""};

	(void)state;
	assert_int_equal(team_compare(stamps, &place, &e), 0);
	stamps[2] = (struct team_stamps){.arrived = 1200, .begin = 1305, .end = 1850};
	assert_int_equal(team_compare(stamps, &place, &e), -ENOTSUP);
	assert_says(e, "CPU 4 and CPU 8 differ (by 900 ticks");
	stamps[2] = (struct team_stamps){.arrived = 0, .begin = 5, .end = 650};
	assert_int_equal(team_compare(stamps, &place, &e), -ENOTSUP);
	assert_says(e, "CPU 8 and CPU 6");
	place.count = 1;
	assert_int_equal(team_compare(stamps, &place, &e), 0);
}

static void wander(void *state, unsigned thread, uint64_t iterations)
{
	const struct place *place = state;
	struct err e;

	(void)iterations;
	if (thread == place->count - 1)
		(void)place_pin(place->cpu[0], &e);
}

static void test_migration_is_seen(void **state)
{
	struct place place = everywhere();
	struct ledger l = {0};
	struct team *team;
	struct err e = {""};

	(void)state;
	if (place.count < 2)
		skip_because("needs two CPUs in the affinity mask");
	assert_int_equal(team_open(&place, &team, &e), 0);
	team_run(team, wander, &place, 1);
	assert_int_equal(team_migrations(team), 1);
	team_run(team, note, &l, 1);
	assert_int_equal(team_migrations(team), 1); /* it did not come back */
	team_close(team);
}

static void test_mask_comes_back(void **state)
{
	struct place place = everywhere();
	cpu_set_t before;
	cpu_set_t after;
	struct team *team;
	struct err e = {""};

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(team_open(&place, &team, &e), 0);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_int_equal(CPU_COUNT(&after), 1);
	team_close(team);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
	team_close(NULL);
}

static void test_cpu_that_is_not_there(void **state)
{
	struct place place = everywhere();
	cpu_set_t before;
	cpu_set_t after;
	struct team *team;
	struct err e = {""};

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	place.cpu[place.count++] = 5000;
	assert_true(team_open(&place, &team, &e) < 0);
	assert_null(team);
	assert_non_null(strstr(e.text, "CPU 5000"));
	place.cpu[0] = 5001;
	place.count = 1;
	assert_true(team_open(&place, &team, &e) < 0);
	assert_non_null(strstr(e.text, "CPU 5001"));
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_thread_once),
	        cmocka_unit_test(test_longest_counts),
	        cmocka_unit_test(test_at_the_same_time),
	        cmocka_unit_test(test_migration_is_seen),
	        cmocka_unit_test(test_counters_that_differ),
	        cmocka_unit_test(test_mask_comes_back),
	        cmocka_unit_test(test_cpu_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
