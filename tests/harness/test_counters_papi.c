/* SPDX-License-Identifier: MIT */
/* The counters over a PAPI of our own, for what this machine's may not show. */
#include "tests/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/counters.h"
#include "harness/counters_papi.h"

#define NO_FOLDER "/nonexistent" /* Linux cannot tell: PAPI is asked */

/* What the machine does, and what was asked of it. */
static struct {
	int init;        /* what PAPI_library_init returns */
	int missing;     /* preset that does not exist */
	int conflicting; /* preset that starts with no other */
	long long step;  /* what every start/stop pair counts */
	int set[8];
	int count;
	int running;
	bool broken; /* stopping fails */
	bool absent; /* there is no library */
	int shutdowns;
} fake;

static int fake_library_init(int version)
{
	return fake.init ? fake.init : version;
}

static char *fake_strerror(int code)
{
	static char absent[] = "Event does not exist";
	static char other[] = "Event exists, but cannot be counted";

	return code == PAPI_ENOEVNT ? absent : other;
}

static int fake_create_eventset(int *set)
{
	*set = 5;
	return PAPI_OK;
}

static int fake_add_event(int set, int code)
{
	assert_int_equal(set, 5);
	assert_false(fake.running);
	if (code == fake.missing)
		return PAPI_ENOEVNT;
	fake.set[fake.count++] = code;
	return PAPI_OK;
}

static int fake_remove_event(int set, int code)
{
	assert_int_equal(set, 5);
	assert_int_equal(fake.set[fake.count - 1], code);
	fake.count--;
	return PAPI_OK;
}

static int fake_start(int set)
{
	assert_int_equal(set, 5);
	assert_false(fake.running);
	if (fake.count > 1 && fake.set[fake.count - 1] == fake.conflicting)
		return PAPI_ECNFLCT;
	fake.running = 1;
	return PAPI_OK;
}

static int fake_stop(int set, long long *values)
{
	assert_int_equal(set, 5);
	assert_true(fake.running);
	fake.running = 0;
	if (fake.broken)
		return PAPI_ESYS;
	for (int i = 0; i < fake.count; i++)
		values[i] = fake.step + fake.set[i] % 16;
	return PAPI_OK;
}

static int fake_cleanup_eventset(int set)
{
	assert_int_equal(set, 5);
	fake.count = 0;
	return PAPI_OK;
}

static int fake_destroy_eventset(int *set)
{
	assert_int_equal(*set, 5);
	*set = PAPI_NULL;
	return PAPI_OK;
}

static void fake_shutdown(void)
{
	fake.shutdowns++;
}

/* Instead of the one in the library. */
bool counters_papi_load(struct counters_papi *papi)
{
	*papi = (struct counters_papi){
	        .init = fake_library_init,
	        .strerror = fake_strerror,
	        .create_eventset = fake_create_eventset,
	        .add_event = fake_add_event,
	        .remove_event = fake_remove_event,
	        .start = fake_start,
	        .stop = fake_stop,
	        .cleanup_eventset = fake_cleanup_eventset,
	        .destroy_eventset = fake_destroy_eventset,
	        .shutdown = fake_shutdown,
	};
	return !fake.absent;
}

static int reset(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.step = 1000;
	return 0;
}

static int close_counters(void **state)
{
	(void)state;
	counters_close();
	return fake.running;
}

static void test_all_count(void **state)
{
	struct counters sum = {0};

	(void)state;
	counters_open_at(NO_FOLDER, NO_FOLDER);
	for (int i = 0; i < COUNTER_EVENT_COUNT; i++)
		assert_null(counters_reason((enum counter_event)i));
	for (int i = 0; i < 3; i++) {
		counters_start();
		counters_stop(&sum);
	}
	for (int i = 0; i < COUNTER_EVENT_COUNT; i++)
		assert_true(sum.known[i]);
	assert_int_equal(sum.value[COUNTER_CYCLES], 3 * (1000 + PAPI_TOT_CYC % 16));
	assert_int_equal(sum.value[COUNTER_INSTRUCTIONS], 3 * (1000 + PAPI_TOT_INS % 16));
	counters_close();
	assert_int_equal(fake.shutdowns, 1);
}

/* The first event is absent: the others must not slip into its place. */
static void test_one_missing(void **state)
{
	struct counters sum = {0};

	(void)state;
	fake.missing = PAPI_TOT_CYC;
	counters_open_at(NO_FOLDER, NO_FOLDER);
	assert_string_equal(counters_reason(COUNTER_CYCLES), "PAPI: Event does not exist");
	assert_null(counters_reason(COUNTER_INSTRUCTIONS));
	counters_start();
	counters_stop(&sum);
	assert_false(sum.known[COUNTER_CYCLES]);
	assert_int_equal(sum.value[COUNTER_CYCLES], 0);
	assert_int_equal(sum.value[COUNTER_INSTRUCTIONS], 1000 + PAPI_TOT_INS % 16);
	assert_int_equal(sum.value[COUNTER_DTLB_MISSES], 1000 + PAPI_TLB_DM % 16);
}

/* PAPI has no words for Linux's level 3, and does without events, as if there were none. */
static void test_forbidden(void **state)
{
	char path[] = "/tmp/test_counters.XXXXXX";
	FILE *out = fdopen(mkstemp(path), "w");

	(void)state;
	assert_non_null(out);
	fputs("3\n", out);
	fclose(out);
	fake.missing = PAPI_TOT_CYC;
	counters_open_at(NO_FOLDER, path);
	assert_string_equal(counters_reason(COUNTER_CYCLES),
	                    "Linux forbids it: sysctl kernel.perf_event_paranoid=2");
	assert_null(counters_reason(COUNTER_INSTRUCTIONS));
	unlink(path);
}

static void test_conflict(void **state)
{
	(void)state;
	fake.conflicting = PAPI_TLB_DM;
	counters_open_at(NO_FOLDER, NO_FOLDER);
	assert_null(counters_reason(COUNTER_INSTRUCTIONS));
	assert_non_null(strstr(counters_reason(COUNTER_DTLB_MISSES), "cannot be counted"));
	assert_int_equal(fake.count, 2);
}

/* A hypervisor that offers counters and never counts. */
static void test_dead_counters(void **state)
{
	struct counters sum = {0};

	(void)state;
	fake.step = -(PAPI_TOT_CYC % 16);
	fake.missing = PAPI_TOT_INS;
	counters_open_at(NO_FOLDER, NO_FOLDER);
	assert_string_equal(counters_reason(COUNTER_CYCLES), "PAPI: the counter does not count");
	counters_start();
	counters_stop(&sum);
	assert_false(sum.known[COUNTER_CYCLES]);
}

static void test_no_library(void **state)
{
	(void)state;
	fake.absent = true;
	counters_open_at(NO_FOLDER, NO_FOLDER);
	assert_string_equal(counters_reason(COUNTER_CYCLES),
	                    "PAPI: the library " COUNTERS_PAPI " is not here");
	counters_close();
	fake.absent = false;
	fake.init = PAPI_ECMP;
	counters_open_at(NO_FOLDER, NO_FOLDER);
	for (int i = 0; i < COUNTER_EVENT_COUNT; i++)
		assert_non_null(counters_reason((enum counter_event)i));
	counters_close();
	assert_int_equal(fake.shutdowns, 0);
	fake.init = 0x05000000;
	counters_open_at(NO_FOLDER, NO_FOLDER);
	assert_non_null(strstr(counters_reason(COUNTER_CYCLES), "another version"));
}

/* Half a sum is not shown, and the loss is remembered. */
static void test_lost_count(void **state)
{
	struct counters sum = {0};

	(void)state;
	counters_open_at(NO_FOLDER, NO_FOLDER);
	counters_start();
	counters_stop(&sum);
	assert_true(sum.known[COUNTER_CYCLES]);
	fake.broken = true;
	for (int i = 0; i < 2; i++) {
		counters_start();
		counters_stop(&sum);
		assert_false(sum.known[COUNTER_CYCLES]);
		assert_false(sum.known[COUNTER_INSTRUCTIONS]);
		fake.broken = false;
	}
	assert_non_null(strstr(counters_reason(COUNTER_CYCLES), "lost count"));
}

/* A folder without a CPU's counters: PAPI is not asked. */
static void test_no_pmu(void **state)
{
	(void)state;
	counters_open_at("/proc/self/task", NO_FOLDER);
	assert_string_equal(counters_reason(COUNTER_CYCLES),
	                    "Linux shows no performance counters of the CPU in /proc/self/task");
	counters_close();
	assert_int_equal(fake.shutdowns, 0);
}

#define papi_test(f) cmocka_unit_test_setup_teardown(f, reset, close_counters)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        papi_test(test_all_count),  papi_test(test_one_missing),
	        papi_test(test_conflict),   papi_test(test_dead_counters),
	        papi_test(test_no_library), papi_test(test_no_pmu),
	        papi_test(test_lost_count), papi_test(test_forbidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
