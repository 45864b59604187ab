/* SPDX-License-Identifier: MIT */
/*
 * What else happens on the machine while a run measures: who else uses its CPUs, what the
 * hypervisor takes away or a quota, context switches, the frequency. All of it from /proc and /sys,
 * below `root` ("" for the running system; tests have files of their own).
 */
#ifndef BENCH_RUN_WATCH_H
#define BENCH_RUN_WATCH_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/place.h"
#include "harness/quota.h"

/* Totals so far, of the CPUs of a placement. */
struct watch_reading {
	double seconds;     /* CLOCK_MONOTONIC */
	bool known;         /* /proc/stat could be read, and shows every CPU */
	double busy, steal; /* seconds of CPU time, to 10 ms a CPU (proc(5)) */
	struct quota
	        quota; /* of the control groups: of this process, its children and their guests */
	double own;    /* CPU seconds of this process and its children that ended */
	uint64_t switches; /* context switches of the whole machine */
};

void watch_read(const char *root, const struct place *place, struct watch_reading *reading);

/* Frequencies of the CPUs at this moment, in MHz; NaN: not known. */
struct watch_mhz {
	double low, high;
	const char *source; /* where they come from, or why they are not known */
};
void watch_mhz(const char *root, const struct place *place, struct watch_mhz *mhz);

/* Shares of the CPUs' time between two readings; NaN: not known. */
struct watch_shares {
	double busy;   /* used by anybody */
	double others; /* used by others than this process and its children that ended meanwhile */
	double steal;  /* wanted, and given to somebody else by the hypervisor */
};

/* Seconds that a quota of CPU time stopped threads between two readings. */
double watch_stopped(const struct watch_reading *before, const struct watch_reading *after);

struct watch_shares watch_between(const struct watch_reading *before,
                                  const struct watch_reading *after, const struct place *place);

/*
 * Was what ran between the readings disturbed? A sentence in `why` when others used, or the
 * hypervisor took, more than a twentieth of the CPUs' time, and more than the clock ticks of
 * /proc/stat could make up, or a quota stopped it at all. Who used it is told only where `own`
 * holds all that was measured: not for guests, whose QEMU runs on.
 */
bool watch_disturbed(const struct watch_reading *before, const struct watch_reading *after,
                     const struct place *place, bool own, char why[128]);

/* What went on between the readings, for the manifest; what is not known is null. */
json_t *watch_json(const struct watch_reading *before, const struct watch_reading *after,
                   const struct place *place);

/* {"low", "high", "source"} */
json_t *watch_mhz_json(const struct watch_mhz *mhz);

/* Waiting for the machine to become quiet. */
struct watch_wait {
	double limit;                      /* seconds to wait, at most; 0: none */
	const volatile sig_atomic_t *stop; /* ends it early */
	void (*say)(void *context, double others, double limit); /* once, when a wait begins */
	void *context;
};
struct watch_outcome {
	double waited;      /* seconds */
	double before, now; /* share of the CPUs that others use: at first, at the end; NaN */
	bool quiet;
};

/*
 * Look for a quarter of a second; while others use more than a tenth of the CPUs, wait and look
 * again. To be called when nothing of one's own runs.
 */
struct watch_outcome watch_wait(const char *root, const struct place *place,
                                const struct watch_wait *wait);

#endif
