/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "harness/clock.h"
#include "harness/kernel.h"

static const struct variant variants[] = {
        {"munmap", "munmap() of a page that every thread has written", -1, 0},
};

/* Touches every page that it is shown, and stays in user mode in between. */
struct toucher {
	pthread_t thread;
	struct state *s;
	unsigned cpu;
	bool started;
};

struct state {
	size_t page;
	_Atomic(char *) shown; /* the page to touch; NULL: the end */
	atomic_uint turn;      /* counts the pages that were shown */
	atomic_uint touched;   /* threads that have touched this one */
	atomic_uint lost;      /* threads that could not be pinned */
	unsigned others;       /* threads beside the caller */
	uint64_t unmapped, failed;
	struct toucher touchers[];
};

static void *touch_pages(void *argument)
{
	const struct toucher *t = argument;
	struct state *s = t->s;
	struct err e;

	if (place_pin(t->cpu, &e))
		atomic_fetch_add(&s->lost, 1);
	for (unsigned turn = 1;; turn++) {
		char *page;

		while (atomic_load(&s->turn) != turn)
			;
		page = atomic_load(&s->shown);
		if (!page)
			return NULL;
		*(volatile char *)(page + t->cpu % s->page) = 1;
		atomic_fetch_add(&s->touched, 1);
	}
}

static void show(struct state *s, char *page)
{
	atomic_store(&s->touched, 0);
	atomic_store(&s->shown, page);
	atomic_fetch_add(&s->turn, 1);
}

static void shootdown_teardown(void *state)
{
	struct state *s = state;

	show(s, NULL);
	for (unsigned i = 0; i < s->others; i++)
		if (s->touchers[i].started)
			pthread_join(s->touchers[i].thread, NULL);
	free(s);
}

/* Signals are for the caller alone. */
static int start_touchers(struct state *s, const struct place *place, struct err *e)
{
	sigset_t all, before;
	int rc = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (unsigned i = 0; i < s->others && !rc; i++) {
		struct toucher *t = &s->touchers[i];

		*t = (struct toucher){.s = s, .cpu = place->cpu[i + 1]};
		rc = pthread_create(&t->thread, NULL, touch_pages, t);
		t->started = !rc;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc ? err_set(e, rc, "no thread to touch pages") : 0;
}

static int shootdown_setup(const struct setup *setup, void **state, struct err *e)
{
	unsigned others = setup->cell->threads - 1;
	struct state *s = calloc(1, sizeof(*s) + others * sizeof(s->touchers[0]));
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of shootdown");
	s->page = mem_page_bytes(MEM_4K);
	s->others = others;
	rc = start_touchers(s, setup->place, e);
	if (rc)
		shootdown_teardown(s);
	else
		*state = s;
	return rc;
}

/* A page that all threads have touched, and are still there to be told of. */
static char *touched_page(struct state *s, struct err *e)
{
	char *page = mmap(NULL, s->page, PROT_READ | PROT_WRITE,
	                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (page == MAP_FAILED) {
		err_errno(e, "cannot map a page");
		return NULL;
	}
	show(s, page);
	while (atomic_load(&s->touched) != s->others)
		;
	return page;
}

static int shootdown_take(void *state, bool baseline, uint64_t iterations, size_t count,
                          struct timing *timings, struct err *e)
{
	struct state *s = state;

	for (size_t i = 0; i < count; i++) {
		timings[i] = (struct timing){0};
		for (uint64_t n = 0; n < iterations; n++) {
			char *page = touched_page(s, e);
			uint64_t start = clock_begin();
			int rc = page && !baseline ? munmap(page, s->page) : 0;

			timings[i].ticks += clock_end() - start;
			if (!page)
				return -ENOMEM;
			if (baseline)
				munmap(page, s->page);
			else
				s->unmapped++;
			s->failed += rc != 0;
		}
	}
	return 0;
}

static int shootdown_verify(void *state, struct err *e)
{
	struct state *s = state;

	if (!s->unmapped)
		return err_set(e, EIO, "no page was unmapped");
	if (s->failed)
		return err_set(e, EIO, "%" PRIu64 " of %" PRIu64 " pages could not be unmapped",
		               s->failed, s->unmapped);
	if (atomic_load(&s->lost))
		return err_set(e, EIO, "%u of %u threads could not be pinned",
		               atomic_load(&s->lost), s->others);
	return 0;
}

const struct kernel kernel_shootdown = {
        .name = "shootdown",
        .summary =
                "munmap() of a page that threads on several CPUs have written and go on running: "
                "each of them is interrupted to forget the translation.",
        .unit = UNIT_LATENCY,
        .flags = KERNEL_SINGLE_SHOT | KERNEL_MULTI_CPU | KERNEL_THREADS,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .setup = shootdown_setup,
        .take = shootdown_take,
        .verify = shootdown_verify,
        .teardown = shootdown_teardown,
};
