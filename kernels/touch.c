/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/kernel.h"
#include "harness/mem_alloc.h"
#include "harness/mem_available.h"
#include "harness/mem_random.h"
#include "harness/mem_usage.h"
#include "harness/noise.h"
#include "kernels/cycle.h"

#define SMALL_PAGE 4096UL /* the unit that Linux falls back to */

/* More pages than any translation cache has entries. */
#define EVICT_PAGES 16384UL

/* Stores a byte, loads one, loads from the page where the next one is, or asks Linux for the page.
 */
enum access { WRITE, READ, FOLLOW, POPULATE };

/* A larger mapping is no memory in use but a reservation, such as a sanitizer's. */
#define UNSHARE_MAX (256UL << 20)

#ifndef MADV_POPULATE_WRITE /* Linux 5.14, newer than Debian 12's libc headers */
#define MADV_POPULATE_WRITE 23
#endif

struct state;

/* What is done to the pages before they are touched; may fail as setup does. */
typedef int prepare_function(struct state *s, struct err *e);

/* How one variant touches. */
struct way {
	enum access access;
	prepare_function *prepare; /* NULL: nothing */
	unsigned faults;           /* of a touch */
	bool hugetlb;              /* it can be done with hugetlb pages */
	bool recycled;             /* as much memory is used and given back before */
};

/*
 * The last page is not among those that are measured: it is touched first, so that the code and the
 * page tables that lead there are warm, and then again by the baseline. The loop is run empty
 * first.
 */
struct state {
	const struct setup *setup;
	const struct way *way;
	struct mem mem;
	size_t page;
	char *next;            /* page to touch */
	char *spare;           /* the last one */
	uint64_t touched;      /* pages */
	struct cycle_node *at; /* the same where the pages are followed */
	struct mem held;       /* what prepare wants to keep while the pages are touched */
	pid_t child;           /* that shares the pages; 0: none */
	uint64_t unaccepted;   /* bytes, before the pages are touched */
};

/* Assembly, so that no sanitizer touches memory of its own beside it. */
static void touch(const char *page, enum access access)
{
	if (access == WRITE)
		__asm__ volatile("movb $1, (%0)" : : "r"(page) : "memory");
	else
		__asm__ volatile("cmpb $0, (%0)" : : "r"(page) : "memory", "cc");
}

/*
 * As touch(); to populate is a system call. It asks for the beginning of a transparent huge page,
 * which brings the whole of it: so it is one fault too where Linux has none, and verify sees that.
 */
static void touch_page(const struct state *s, char *page)
{
	if (s->way->access == POPULATE)
		madvise(page, s->setup->cell->pages == MEM_THP ? SMALL_PAGE : s->page,
		        MADV_POPULATE_WRITE);
	else
		touch(page, s->way->access);
}

static void touch_all(const struct state *s, enum access access)
{
	for (const char *page = s->mem.base; page <= s->spare; page += s->page)
		touch(page, access);
}

/* Small pages, written. */
static int hold(struct state *s, uint64_t bytes, struct err *e)
{
	struct mem_spec spec = {.bytes = bytes, .node = s->setup->node, .fill = MEM_ONE};

	return mem_alloc(&spec, &s->held, e);
}

/* Pages that Linux has handed out since boot: pgalloc_* of /proc/vmstat. 0: it does not say. */
static uint64_t pages_ever_allocated(void)
{
	FILE *f = fopen("/proc/vmstat", "re");
	uint64_t sum = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f)) {
		uint64_t count;

		if (sscanf(line, "pgalloc_%*s %" SCNu64, &count) == 1)
			sum += count;
	}
	if (f)
		fclose(f);
	return sum;
}

/*
 * Memory that was never used may be accepted, or not: then it is neither `fresh` nor `unaccepted`.
 */
static int check_accepted(struct err *e)
{
	uint64_t bytes = mem_unaccepted();

	if (bytes)
		return err_set(e, ENOTSUP,
		               "Linux has not accepted %" PRIu64
		               " MiB of this guest's memory yet: boot it with accept_memory=eager, "
		               "or measure touch/unaccepted",
		               bytes >> 20);
	return 0;
}

/*
 * As many pages as were ever handed out are taken first: Linux gives those that came back before
 * those of large blocks, so what is left was never used since boot.
 */
static int take_used_memory(struct state *s, struct err *e)
{
	uint64_t used = pages_ever_allocated() * SMALL_PAGE;
	uint64_t available = mem_available();
	int rc = check_accepted(e);

	if (rc)
		return rc;
	if (!used)
		return err_set(e, ENOTSUP, "/proc/vmstat does not say what memory was used before");
	if (used > available || available - used < s->mem.mapped)
		return err_set(e, ENOTSUP,
		               "the memory may have been used before: Linux has handed out %" PRIu64
		               " MiB since boot, and %" PRIu64 " MiB are available",
		               used >> 20, available >> 20);
	return hold(s, used, e);
}

/*
 * Linux accepts memory when what is accepted runs short, 4 MiB at a time (MAX_PAGE_ORDER;
 * cond_accept_memory in mm/page_alloc.c of 6.12): that is taken first, until it does.
 */
#define ACCEPT_UNIT (4UL << 20)
#define LOOK        (1UL << 20) /* so often it is asked whether Linux does */

static int take_accepted_memory(struct state *s, struct err *e)
{
	uint64_t before = mem_unaccepted(), available = mem_available();
	struct mem_spec spec = {.node = s->setup->node, .untouched = true};
	int rc;

	if (before < s->mem.mapped + 4 * ACCEPT_UNIT || available < s->mem.mapped + ACCEPT_UNIT)
		return err_set(e, ENOTSUP,
		               "Linux has accepted all memory but %" PRIu64
		               " MiB of this machine: there is less than this cell wants (an SNP "
		               "guest of Linux 6.6 or later with accept_memory=lazy has some)",
		               before >> 20);
	spec.bytes = (available - s->mem.mapped) & ~(ACCEPT_UNIT - 1);
	rc = mem_alloc(&spec, &s->held, e);
	for (size_t at = 0; !rc && (at % LOOK || mem_unaccepted() == before); at += SMALL_PAGE) {
		if (at == spec.bytes)
			return err_set(e, ENOTSUP,
			               "Linux accepted nothing while %" PRIu64 " MiB were used",
			               spec.bytes >> 20);
		touch((char *)s->held.base + at, WRITE);
	}
	s->unaccepted = mem_unaccepted();
	return rc;
}

/*
 * Linux can be told to give every reader a page of its own, as some hypervisors tell it to: then
 * a load does what a store does, and a store after it does nothing more. (Hugetlb never had a page
 * of zeros.)
 */
static int check_zero_page(struct state *s, struct err *e)
{
	struct mem_usage usage;
	int rc;

	if (mem_pooled(s->setup->cell->pages))
		return 0;
	touch(s->spare, READ);
	rc = mem_usage_read("/proc/self/smaps", s->mem.base, s->mem.mapped, &usage, e);
	if (!rc && usage.anonymous)
		rc = err_set(e, ENOTSUP,
		             "this Linux has no page of zeros: it gives a page of its own to a "
		             "load");
	return rc;
}

static int read_all(struct state *s, struct err *e)
{
	int rc = check_zero_page(s, e);

	if (!rc)
		touch_all(s, READ);
	return rc;
}

static int write_and_drop(struct state *s, struct err *e)
{
	touch_all(s, WRITE);
	if (madvise(s->mem.base, s->mem.mapped, MADV_DONTNEED))
		return err_errno(e, "madvise(MADV_DONTNEED)");
	return 0;
}

/* Linux may take such pages away, and does when memory is short; until then they are there. */
static int write_and_free(struct state *s, struct err *e)
{
	touch_all(s, WRITE);
	if (madvise(s->mem.base, s->mem.mapped, MADV_FREE))
		return err_errno(e, "madvise(MADV_FREE)");
	return 0;
}

static int check_populate(struct state *s, struct err *e)
{
	if (madvise(s->spare, s->page, MADV_POPULATE_WRITE) == 0)
		return 0;
	if (errno == EINVAL)
		return err_set(e, ENOTSUP, "this Linux has no MADV_POPULATE_WRITE: 5.14 has");
	return err_errno(e, "madvise(MADV_POPULATE_WRITE)");
}

/*
 * After a fork every private page of the process is shared, its stack and its heap too. Take all
 * but the measured ones back, or their faults would fall between the others.
 */
static void unshare_the_rest(const struct state *s)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[4352]; /* a path of PATH_MAX and the numbers before it */

	while (f && fgets(line, sizeof(line), f)) {
		uintptr_t begin;
		uintptr_t end;
		char rights[5];

		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &begin, &end, rights) != 3 ||
		    rights[1] != 'w' || rights[3] != 'p')
			continue;
		if (end - begin <= UNSHARE_MAX &&
		    (end <= (uintptr_t)s->mem.base || begin > (uintptr_t)s->spare))
			madvise((void *)begin, end - begin, MADV_POPULATE_WRITE); /* NOLINT */
	}
	if (f)
		fclose(f);
}

/* The child only holds its half of the pages; it dies with this process. */
static int write_and_fork(struct state *s, struct err *e)
{
	pid_t parent = getpid();

	touch_all(s, WRITE);
	s->child = fork();
	if (s->child < 0) {
		s->child = 0;
		return err_errno(e, "fork");
	}
	if (s->child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == parent)
			pause();
		_exit(0);
	}
	unshare_the_rest(s);
	return 0;
}

/*
 * The pages lead to one another in random order, a different line in each, so that neither a
 * translation nor a line is there before it is asked for.
 */
static int write_and_hold(struct state *s, struct err *e)
{
	struct cycle cycle = {.base = s->mem.base,
	                      .nodes = s->setup->cell->size / s->page,
	                      .stride = s->page,
	                      .rotate = true};
	struct mem_random random;
	int rc;

	touch_all(s, WRITE);
	mem_random_seed(&random, s->setup->seed);
	rc = cycle_link(&cycle, CYCLE_RANDOM, &random, &s->at, 1, e);
	return rc ? rc : hold(s, EVICT_PAGES * SMALL_PAGE, e);
}

#define WAY(...) ((uintptr_t)(&(const struct way){__VA_ARGS__}))

static const struct variant variants[] = {
        {"write", "store: Linux gives a page and clears it", -1, WAY(WRITE, NULL, 1, true, false)},
        {"read", "load: Linux maps the page of zeros that all share", -1,
         WAY(READ, check_zero_page, 1, true, false)},
        {"fresh", "store to memory that Linux has not used since boot", -1,
         WAY(WRITE, take_used_memory, 1, false, false)},
        {"unaccepted", "store to memory of a guest that Linux accepts only then", -1,
         WAY(WRITE, take_accepted_memory, 1, false, false)},
        {"recycled", "store to memory that this process has just given back", -1,
         WAY(WRITE, NULL, 1, true, true)},
        {"dontneed", "store to a page after MADV_DONTNEED", -1,
         WAY(WRITE, write_and_drop, 1, true, false)},
        {"free", "store to a page after MADV_FREE: it is still there, without its contents", -1,
         WAY(WRITE, write_and_free, 0, false, false)},
        {"populate", "madvise(MADV_POPULATE_WRITE) of a page: a fault without an exception", -1,
         WAY(POPULATE, check_populate, 1, true, false)},
        {"zero", "store to a page that was only read before", -1,
         WAY(WRITE, read_all, 1, false, false)},
        {"cow", "store to a page that is shared since fork", -1,
         WAY(WRITE, write_and_fork, 1, false, false)},
        {"resident", "load from a page that is there, in random order, its translation forgotten",
         -1, WAY(FOLLOW, write_and_hold, 0, true, false)},
};

static const struct way *way_of(const struct cell *cell)
{
	return (const struct way *)cell->variant->value; /* NOLINT(performance-no-int-to-ptr) */
}

/* The pages, the spare one, and their copies or what evicts them. */
static uint64_t touch_footprint(const struct cell *cell)
{
	uint64_t bytes = cell->size + mem_page_bytes(cell->pages);
	prepare_function *prepare = way_of(cell)->prepare;

	if (prepare == write_and_fork)
		return 2 * bytes;
	if (prepare == write_and_hold)
		return bytes + EVICT_PAGES * SMALL_PAGE + cycle_scratch(cell->size / SMALL_PAGE);
	return bytes;
}

/*
 * Linux 6.1 does not count the faults of hugetlb pages that it populates, 6.12 does (both tried):
 * touch_verify looks at the pages themselves.
 */
static bool faults_uncounted(const struct cell *cell)
{
	return way_of(cell)->access == POPULATE && mem_pooled(cell->pages);
}

static unsigned touch_faults(const struct cell *cell)
{
	return faults_uncounted(cell) ? KERNEL_ANY_FAULTS : way_of(cell)->faults;
}

static int touch_check(const struct cell *cell, struct err *e)
{
	size_t page = mem_page_bytes(cell->pages);

	if (!cell->size || cell->size % page)
		return err_set(e, EINVAL,
		               "touch: size %" PRIu64 " is not a multiple of the page (%zu bytes)",
		               cell->size, page);
	if (way_of(cell)->access == FOLLOW && cell->size / page < 2)
		return err_set(e, EINVAL, "touch/%s needs at least two pages", cell->variant->name);
	return 0;
}

/* Every other cell leaves memory behind that was used since boot. */
static bool touch_early(const struct cell *cell)
{
	return way_of(cell)->prepare == take_used_memory ||
	       way_of(cell)->prepare == take_accepted_memory;
}

static int touch_probe(const struct setup *setup, struct err *e)
{
	const struct cell *cell = setup->cell;

	if ((cell->pages == MEM_2M || cell->pages == MEM_1G) && !way_of(cell)->hugetlb)
		return err_set(e, ENOTSUP, "touch/%s is not done with hugetlb pages",
		               cell->variant->name);
	return 0;
}

static void touch_teardown(void *state)
{
	struct state *s = state;

	if (s->child) {
		kill(s->child, SIGKILL);
		waitpid(s->child, NULL, 0);
	}
	if (s->held.base)
		mem_free(&s->held);
	if (s->mem.base)
		mem_free(&s->mem);
	free(s);
}

/* Use as much memory as `spec` says and give it back. */
static int use(const struct mem_spec *spec, struct err *e)
{
	struct mem_spec written = *spec;
	struct mem mem;
	int rc;

	written.untouched = false;
	rc = mem_alloc(&written, &mem, e);
	if (!rc)
		mem_free(&mem);
	return rc;
}

static void touch_run(void *state, unsigned thread, uint64_t iterations)
{
	struct state *s = state;

	(void)thread;
	s->touched += iterations;
	if (s->way->access == FOLLOW) {
		cycle_walk(&s->at, iterations);
		return;
	}
	for (; iterations; iterations--) {
		touch_page(s, s->next);
		s->next += s->page;
	}
}

static int touch_setup(const struct setup *setup, void **state, struct err *e)
{
	const struct cell *cell = setup->cell;
	struct state *s = calloc(1, sizeof(*s));
	struct mem_spec spec = {.pages = cell->pages,
	                        .backing = cell->backing,
	                        .node = setup->node,
	                        .seed = setup->seed,
	                        .untouched = true};
	int rc = 0;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of touch");
	s->setup = setup;
	s->way = way_of(cell);
	s->page = mem_page_bytes(cell->pages);
	spec.bytes = cell->size + s->page;
	if (s->way->recycled)
		rc = use(&spec, e);
	if (!rc)
		rc = mem_alloc(&spec, &s->mem, e);
	if (!rc) {
		s->next = s->mem.base;
		s->spare = s->next + cell->size;
		rc = s->way->prepare ? s->way->prepare(s, e) : 0;
	}
	if (rc) {
		touch_teardown(s);
		return rc;
	}
	touch_page(s, s->spare);
	touch_run(s, 0, 0);
	*state = s;
	return 0;
}

/* Translations are evicted at the last moment, by others that are as cold. */
static int touch_reset(void *state, struct err *e)
{
	struct state *s = state;

	(void)e;
	if (s->way->prepare == write_and_hold) {
		for (size_t i = 0; i < EVICT_PAGES; i++)
			touch((char *)s->held.base + i * SMALL_PAGE, READ);
		touch(s->spare, READ);
	}
	return 0;
}

static void touch_baseline(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;

	(void)thread;
	for (uint64_t i = 0; i < iterations; i++)
		touch_page(s, s->spare);
}

static uint64_t touch_capacity(const void *state)
{
	const struct state *s = state;

	return (uint64_t)(s->spare - (char *)s->mem.base) / s->page;
}

/*
 * A fault at the end of a page tells that it is small, or that Linux was just moving it: are all
 * that were touched huge, and the spare one?
 */
static bool are_huge(const struct state *s)
{
	size_t bytes = (s->touched + 1) * s->page;
	struct mem_usage usage;
	struct err unread;

	return !mem_usage_read("/proc/self/smaps", s->mem.base, s->mem.mapped, &usage, &unread) &&
	       usage.huge + usage.hugetlb >= bytes;
}

/* As much was accepted as was touched, but for what was in stock before. */
static int verify_acceptance(const struct state *s, struct err *e)
{
	uint64_t touched = s->touched * s->page, now = mem_unaccepted();

	if (s->way->prepare == take_accepted_memory && s->unaccepted - now + ACCEPT_UNIT < touched)
		return err_set(e, EIO,
		               "Linux accepted %" PRIu64 " KiB while %" PRIu64 " KiB were touched",
		               (s->unaccepted - now) >> 10, touched >> 10);
	return 0;
}

/* The end of every page is there without another fault, so that none was smaller than asked for. */
static int touch_verify(void *state, struct err *e)
{
	const struct state *s = state;
	uint64_t faults = noise_page_faults();
	int rc = verify_acceptance(s, e);

	if (rc)
		return rc;
	if (s->page == SMALL_PAGE)
		return 0;
	if (faults_uncounted(s->setup->cell) && !are_huge(s))
		return err_set(e, EIO, "of %" PRIu64 " pages not all are there", s->touched);
	for (char *page = s->mem.base; page != s->next; page += s->page)
		touch(page + s->page - SMALL_PAGE, READ);
	faults = noise_page_faults() - faults;
	if (faults && !are_huge(s))
		return err_set(e, ENOTSUP,
		               "%" PRIu64 " of %" PRIu64
		               " pages were not huge: Linux found too little contiguous memory",
		               faults, s->touched);
	return 0;
}

static const uint64_t sizes[] = {64 << 20, 0};

static const enum mem_pages pages[] = {MEM_4K, MEM_THP};

const struct kernel kernel_touch = {
        .name = "touch",
        .summary = "The first touch of pages of anonymous memory in ascending order, each timed "
                   "alone: page fault, allocation and clearing, and in a guest what the hypervisor "
                   "does for it.",
        .unit = UNIT_LATENCY,
        .flags = KERNEL_MEMORY | KERNEL_SINGLE_SHOT,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .sizes = sizes,
        .pages = pages,
        .pages_count = sizeof(pages) / sizeof(pages[0]),
        .footprint = touch_footprint,
        .check = touch_check,
        .early = touch_early,
        .probe = touch_probe,
        .setup = touch_setup,
        .run = touch_run,
        .baseline = touch_baseline,
        .reset = touch_reset,
        .capacity = touch_capacity,
        .faults = touch_faults,
        .verify = touch_verify,
        .teardown = touch_teardown,
};
