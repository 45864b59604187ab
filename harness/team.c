/* SPDX-License-Identifier: MIT */
#include "harness/team.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/clock.h"

#define LINE 128  /* two cache lines: the neighbour is prefetched with the first */
#define CPUS 8192 /* the largest CONFIG_NR_CPUS of Linux on x86 */

/* What one thread writes; nobody else's cache line. */
struct member {
	alignas(LINE) struct team *team;
	unsigned thread;
	pthread_t id;
	bool made;  /* the thread exists */
	sem_t wake; /* posted when there is something to do */
	int rc;     /* of pinning */
	struct err e;
	bool migrated;
};

struct team {
	/* Monotonic counts, so that nothing has to be reset between runs. */
	alignas(LINE) atomic_ulong arrived;
	alignas(LINE) atomic_ulong finished;
	alignas(LINE) unsigned count;
	unsigned long runs; /* so far, this one included */
	team_work *work;
	void *state;
	uint64_t iterations;
	bool quit;
	struct place place;
	cpu_set_t *mask;            /* the caller's affinity before team_open */
	struct team_stamps *stamps; /* of the last run, one a thread */
	struct member member[];
};

static void spin_until(atomic_ulong *count, unsigned long target)
{
	while (atomic_load_explicit(count, memory_order_acquire) < target)
		_mm_pause();
}

/*
 * The C library has the number at hand, by rseq or by the vDSO, which may trust a TSC_AUX that a
 * hypervisor shows wrong; so Linux is asked before a thread is called migrated.
 */
static bool is_elsewhere(unsigned own)
{
	unsigned cpu = own;

	if (sched_getcpu() == (int)own)
		return false;
	syscall(SYS_getcpu, &cpu, NULL, NULL);
	return cpu != own;
}

static void time_work(struct team *team, struct member *m)
{
	struct team_stamps *stamps = &team->stamps[m->thread];
	uint64_t begin;
	uint64_t end;

	begin = clock_begin();
	team->work(team->state, m->thread, team->iterations);
	end = clock_end();
	stamps->begin = begin;
	stamps->end = end;
	m->migrated = is_elsewhere(team->place.cpu[m->thread]);
}

static void run_together(struct team *team, struct member *m)
{
	unsigned long target = team->runs * team->count;

	team->stamps[m->thread].arrived = clock_begin();
	atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel);
	spin_until(&team->arrived, target);
	time_work(team, m);
	atomic_fetch_add_explicit(&team->finished, 1, memory_order_acq_rel);
}

static void wait_for_wake(struct member *m)
{
	while (sem_wait(&m->wake) != 0)
		; /* only a signal ends it early */
}

static void *member_main(void *argument)
{
	struct member *m = argument;
	struct team *team = m->team;

	m->rc = place_pin(team->place.cpu[m->thread], &m->e);
	atomic_fetch_add_explicit(&team->finished, 1, memory_order_acq_rel);
	for (;;) {
		wait_for_wake(m);
		if (team->quit)
			return NULL;
		run_together(team, m);
	}
}

/* Start thread `i`, and wait until it sits where it belongs. */
static int make_member(struct team *team, unsigned i, struct err *e)
{
	struct member *m = &team->member[i];
	sigset_t all;
	sigset_t before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&m->id, NULL, member_main, m);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc)
		return err_set(e, rc, "cannot start thread %u: %s", i, strerror(rc));
	m->made = true;
	while (atomic_load_explicit(&team->finished, memory_order_acquire) < i)
		sched_yield();
	if (m->rc && e)
		*e = m->e;
	return m->rc;
}

static void release(struct team *team)
{
	free(team->stamps);
	CPU_FREE(team->mask);
	free(team);
}

static struct team *allocate(const struct place *place)
{
	size_t size = sizeof(struct team) + place->count * sizeof(struct member);
	struct team *team = aligned_alloc(LINE, (size + LINE - 1) / LINE * LINE);

	if (!team)
		return NULL;
	memset(team, 0, size);
	team->mask = CPU_ALLOC(CPUS);
	team->stamps = aligned_alloc(LINE, place->count * sizeof(*team->stamps));
	if (!team->mask || !team->stamps) {
		release(team);
		return NULL;
	}
	memset(team->stamps, 0, place->count * sizeof(*team->stamps));
	team->count = place->count;
	team->place = *place;
	for (unsigned i = 0; i < place->count; i++) {
		team->member[i].team = team;
		team->member[i].thread = i;
		sem_init(&team->member[i].wake, 0, 0);
	}
	return team;
}

int team_open(const struct place *place, struct team **team, struct err *e)
{
	struct team *t = allocate(place);
	int rc = 0;

	*team = NULL;
	if (!t)
		return err_set(e, ENOMEM, "no memory for %u threads", place->count);
	if (sched_getaffinity(0, CPU_ALLOC_SIZE(CPUS), t->mask) != 0)
		rc = err_errno(e, "cannot read the affinity mask");
	for (unsigned i = 1; !rc && i < place->count; i++)
		rc = make_member(t, i, e);
	if (!rc)
		rc = place_pin(place->cpu[0], e);
	if (rc) {
		team_close(t);
		return rc;
	}
	/* The counts begin anew: so far `finished` told that a thread was pinned. */
	atomic_store(&t->finished, 0);
	*team = t;
	return 0;
}

uint64_t team_run(struct team *team, team_work *work, void *state, uint64_t iterations)
{
	uint64_t begin;
	uint64_t end;

	team->work = work;
	team->state = state;
	team->iterations = iterations;
	team->runs++;
	if (team->count == 1) {
		time_work(team, &team->member[0]);
		return team->stamps[0].end - team->stamps[0].begin;
	}
	for (unsigned i = 1; i < team->count; i++)
		sem_post(&team->member[i].wake);
	run_together(team, &team->member[0]);
	spin_until(&team->finished, team->runs * team->count);
	begin = team->stamps[0].begin;
	end = team->stamps[0].end;
	for (unsigned i = 1; i < team->count; i++) {
		if (team->stamps[i].begin < begin)
			begin = team->stamps[i].begin;
		if (team->stamps[i].end > end)
			end = team->stamps[i].end;
	}
	return end - begin;
}

int team_compare(const struct team_stamps *stamps, const struct place *place, struct err *e)
{
	unsigned first = 0;
	unsigned last = 0;

	for (unsigned i = 1; i < place->count; i++) {
		if (stamps[i].begin < stamps[first].begin)
			first = i;
		if (stamps[i].arrived > stamps[last].arrived)
			last = i;
	}
	if (place->count == 1 || stamps[first].begin >= stamps[last].arrived)
		return 0;
	return err_set(e, ENOTSUP,
	               "the time stamp counters of CPU %u and CPU %u differ (by %" PRIu64
	               " ticks or more): threads on both cannot be timed together",
	               place->cpu[first], place->cpu[last],
	               stamps[last].arrived - stamps[first].begin);
}

int team_check(const struct team *team, struct err *e)
{
	return team_compare(team->stamps, &team->place, e);
}

unsigned team_migrations(const struct team *team)
{
	unsigned count = 0;

	for (unsigned i = 0; i < team->count; i++)
		count += team->member[i].migrated;
	return count;
}

void team_close(struct team *team)
{
	if (!team)
		return;
	team->quit = true;
	for (unsigned i = 0; i < team->count; i++) {
		struct member *m = &team->member[i];

		if (m->made) {
			sem_post(&m->wake);
			pthread_join(m->id, NULL);
		}
		sem_destroy(&m->wake);
	}
	/* A CPU that went away meanwhile must not keep the threads from ending. */
	(void)sched_setaffinity(0, CPU_ALLOC_SIZE(CPUS), team->mask);
	release(team);
}
