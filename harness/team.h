/* SPDX-License-Identifier: MIT */
/* A team of pinned threads that starts one function at the same moment and waits for all. */
#ifndef HARNESS_TEAM_H
#define HARNESS_TEAM_H

#include <stdalign.h>
#include <stdint.h>

#include "harness/err.h"
#include "harness/place.h"

typedef void team_work(void *state, unsigned thread, uint64_t iterations);

struct team;

/*
 * Threads 1..count-1 are made and pinned; thread 0 is the caller, which is pinned too. Between runs
 * the threads sleep, so that they disturb nothing. Signals are for the caller alone.
 */
int team_open(const struct place *place, struct team **team, struct err *e);

/*
 * Run `work` on every thread. Returns ticks from the first start to the last end (the counters of
 * one machine are synchronous where the TSC is invariant); the threads wait for one another in a
 * spin loop before they start, without a system call. With one thread there is no barrier.
 */
uint64_t team_run(struct team *team, team_work *work, void *state, uint64_t iterations);

/*
 * Do the counters of the CPUs agree, as far as the last team_run tells? 0, or -ENOTSUP: a thread's
 * start, by its own counter, was before the last thread's arrival at the common start, by that
 * one's. Then the ticks that team_run returned are no time. One thread always agrees.
 */
int team_check(const struct team *team, struct err *e);

/* What a thread read from its CPU's counter in one run; two cache lines of its own. */
struct team_stamps {
	alignas(128) uint64_t arrived; /* ready for the common start */
	uint64_t begin;                /* all were ready: later than every arrival */
	uint64_t end;
};

/* team_check on given stamps: stamps[i] is of the thread on place->cpu[i]. */
int team_compare(const struct team_stamps *stamps, const struct place *place, struct err *e);

/* How many threads ended the last team_run on another CPU than their own. */
unsigned team_migrations(const struct team *team);

/* End the threads; the caller gets back the affinity mask it had. */
void team_close(struct team *team);

#endif
