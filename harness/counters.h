/* SPDX-License-Identifier: MIT */
/* Hardware event counters of the calling thread in user mode, through PAPI. */
#ifndef HARNESS_COUNTERS_H
#define HARNESS_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

enum counter_event {
	COUNTER_CYCLES,
	COUNTER_INSTRUCTIONS,
	COUNTER_DTLB_MISSES,
	COUNTER_EVENT_COUNT
};

struct counters {
	bool known[COUNTER_EVENT_COUNT];     /* false: the machine does not count it; value is
	                                        meaningless */
	uint64_t value[COUNTER_EVENT_COUNT]; /* sum over all start/stop pairs */
};

/* "cycles", "instructions", "dtlb_misses": column names. */
const char *counter_name(enum counter_event event);

/*
 * Open what the machine offers; never fails: what is absent stays unknown, and the reason for it is
 * kept for counters_reason(). Every event is tried: one that a hypervisor offers but never counts
 * is absent. Where Linux shows no performance counters of the CPU, PAPI is not even started. Call
 * once in a process, from the thread that will be counted.
 */
void counters_open(void);
/*
 * The same, where Linux shows its counters in the folder `devices`, and in the file `paranoid` whom
 * it lets use them (borrowed until counters_close()).
 */
void counters_open_at(const char *devices, const char *paranoid);

/* Why an event is not counted ("PAPI: Event does not exist"), or NULL when it is. */
const char *counters_reason(enum counter_event event);

/* Start counting; stop and add to `sum`. Both are system calls: outside the timed part only. */
void counters_start(void);
void counters_stop(struct counters *sum);
void counters_close(void);

#endif
