/* SPDX-License-Identifier: MIT */
#include "harness/counters.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "harness/counters_papi.h"

static const struct {
	const char *name;
	int code;    /* PAPI preset */
	bool always; /* any piece of code makes it count */
} events[COUNTER_EVENT_COUNT] = {
        [COUNTER_CYCLES] = {"cycles", PAPI_TOT_CYC, true},
        [COUNTER_INSTRUCTIONS] = {"instructions", PAPI_TOT_INS, true},
        [COUNTER_DTLB_MISSES] = {"dtlb_misses", PAPI_TLB_DM, false},
};

/* PAPI's own state is the process's, so is this. */
static struct {
	struct counters_papi papi;
	bool started; /* the library, to be shut down */
	int set;
	int count; /* events in the set, in the order of `index` */
	enum counter_event index[COUNTER_EVENT_COUNT];
	const char *paranoid;                 /* where Linux says whom it lets count */
	char reason[COUNTER_EVENT_COUNT][96]; /* "" for an event in the set */
} open_set = {
        .set = PAPI_NULL,
        .reason = {"not opened", "not opened", "not opened"},
};

const char *counter_name(enum counter_event event)
{
	return events[event].name;
}

const char *counters_reason(enum counter_event event)
{
	return open_set.reason[event][0] ? open_set.reason[event] : NULL;
}

static void refuse(enum counter_event event, const char *who, const char *why)
{
	snprintf(open_set.reason[event], sizeof(open_set.reason[event]), "%s%s", who, why);
}

static void refuse_all(const char *who, const char *why)
{
	for (int i = 0; i < COUNTER_EVENT_COUNT; i++)
		refuse((enum counter_event)i, who, why);
}

/* Does Linux show a core PMU ("cpu", or "cpu_core" on hybrid processors)? Yes when it cannot tell.
 */
static bool has_pmu(const char *devices)
{
	DIR *dir = opendir(devices);
	const struct dirent *entry;
	bool found = false;

	if (!dir)
		return true;
	while (!found && (entry = readdir(dir)) != NULL)
		found = strncmp(entry->d_name, "cpu", 3) == 0;
	closedir(dir);
	return found;
}

static int start_papi(void)
{
	int rc;

	if (!counters_papi_load(&open_set.papi)) {
		refuse_all("PAPI: ", "the library " COUNTERS_PAPI " is not here");
		return -1;
	}
	rc = open_set.papi.init(PAPI_VER_CURRENT);
	if (rc != PAPI_VER_CURRENT) {
		refuse_all("PAPI: ", rc > 0 ? "another version than it was built with"
		                            : open_set.papi.strerror(rc));
		return -1;
	}
	open_set.started = true;
	rc = open_set.papi.create_eventset(&open_set.set);
	if (rc != PAPI_OK) {
		refuse_all("PAPI: ", open_set.papi.strerror(rc));
		return -1;
	}
	return 0;
}

/* Count a short loop with what is in the set. Returns a PAPI code, and what the last event counted.
 */
static int try_set(long long *last)
{
	long long values[COUNTER_EVENT_COUNT + 1] = {0};
	int rc = open_set.papi.start(open_set.set);

	if (rc != PAPI_OK)
		return rc;
	for (int i = 0; i < 10000; i++)
		__asm__ volatile("");
	rc = open_set.papi.stop(open_set.set, values);
	*last = values[open_set.count];
	return rc;
}

/*
 * Debian's Linux knows a level 3: nobody without CAP_PERFMON counts. PAPI goes by the level alone,
 * and offers root no event either.
 */
static bool is_forbidden(void)
{
	FILE *in = fopen(open_set.paranoid, "re");
	int level = 0;

	if (!in)
		return false;
	if (fscanf(in, "%d", &level) != 1)
		level = 0;
	fclose(in);
	return level > 2;
}

static void add(enum counter_event event)
{
	long long counted = 0;
	int rc = open_set.papi.add_event(open_set.set, events[event].code);

	if (rc != PAPI_OK) {
		if (is_forbidden())
			refuse(event, "Linux forbids it: ", "sysctl kernel.perf_event_paranoid=2");
		else
			refuse(event, "PAPI: ", open_set.papi.strerror(rc));
		return;
	}
	rc = try_set(&counted);
	if (rc == PAPI_OK && (counted > 0 || !events[event].always)) {
		open_set.index[open_set.count++] = event;
		open_set.reason[event][0] = '\0';
		return;
	}
	open_set.papi.remove_event(open_set.set, events[event].code);
	refuse(event,
	       "PAPI: ", rc == PAPI_OK ? "the counter does not count" : open_set.papi.strerror(rc));
}

void counters_open(void)
{
	counters_open_at("/sys/bus/event_source/devices", "/proc/sys/kernel/perf_event_paranoid");
}

void counters_open_at(const char *devices, const char *paranoid)
{
	open_set.paranoid = paranoid;
	if (!has_pmu(devices)) {
		refuse_all("Linux shows no performance counters of the CPU in ", devices);
		return;
	}
	if (start_papi() != 0)
		return;
	for (int i = 0; i < COUNTER_EVENT_COUNT; i++)
		add((enum counter_event)i);
}

void counters_start(void)
{
	if (open_set.count)
		open_set.papi.start(open_set.set);
}

/* A sum that lacks one of its parts is no sum. */
static void lose_all(struct counters *sum, const char *why)
{
	for (int i = 0; i < open_set.count; i++) {
		sum->known[open_set.index[i]] = false;
		refuse(open_set.index[i], "PAPI lost count: ", why);
	}
	open_set.count = 0;
}

void counters_stop(struct counters *sum)
{
	long long values[COUNTER_EVENT_COUNT] = {0};

	int rc;

	if (!open_set.count)
		return;
	rc = open_set.papi.stop(open_set.set, values);
	if (rc != PAPI_OK) {
		lose_all(sum, open_set.papi.strerror(rc));
		return;
	}
	for (int i = 0; i < open_set.count; i++) {
		sum->known[open_set.index[i]] = true;
		sum->value[open_set.index[i]] += (uint64_t)values[i];
	}
}

void counters_close(void)
{
	if (open_set.set != PAPI_NULL) {
		open_set.papi.cleanup_eventset(open_set.set);
		open_set.papi.destroy_eventset(&open_set.set);
	}
	if (open_set.started)
		open_set.papi.shutdown();
	open_set.started = false;
	open_set.set = PAPI_NULL;
	open_set.count = 0;
	refuse_all("", "not opened");
}
