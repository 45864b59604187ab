/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "harness/kernel.h"

#define SMALL_PAGE 4096 /* the unit that Linux falls back to */

/* Stores a byte or loads one. */
enum access { WRITE, READ };

/* Assembly, so that no sanitizer touches memory of its own beside it. */
static void touch(const char *page, enum access access)
{
	if (access == WRITE)
		__asm__ volatile("movb $1, (%0)" : : "r"(page) : "memory");
	else
		__asm__ volatile("cmpb $0, (%0)" : : "r"(page) : "memory", "cc");
}

static const struct variant variants[] = {
        {"write", "store a byte: Linux gives a page and clears it", -1, WRITE},
        {"read", "load a byte: Linux maps the page of zeros that all share", -1, READ},
};

/*
 * The last page is not among those that are measured: it is touched first, so that the code and the
 * page tables that lead there are warm, and then again by the baseline.
 */
struct state {
	struct mem mem;
	enum access access;
	size_t page;
	char *next;      /* page to touch */
	char *spare;     /* the last one */
	uint64_t faults; /* of this thread before the first page */
};

static uint64_t minor_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (uint64_t)usage.ru_minflt;
}

static uint64_t touch_footprint(const struct cell *cell)
{
	return cell->size + mem_page_bytes(cell->pages);
}

static int touch_check(const struct cell *cell, struct err *e)
{
	size_t page = mem_page_bytes(cell->pages);

	if (!cell->size || cell->size % page)
		return err_set(e, EINVAL,
		               "touch: size %" PRIu64 " is not a multiple of the page (%zu bytes)",
		               cell->size, page);
	return 0;
}

static int touch_setup(const struct setup *setup, void **state, struct err *e)
{
	const struct cell *cell = setup->cell;
	struct mem_spec spec = {
	        .bytes = touch_footprint(cell),
	        .pages = cell->pages,
	        .backing = cell->backing,
	        .node = setup->node,
	        .untouched = true,
	};
	struct state *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of touch");
	rc = mem_alloc(&spec, &s->mem, e);
	if (rc) {
		free(s);
		return rc;
	}
	s->access = (enum access)cell->variant->value;
	s->page = mem_page_bytes(cell->pages);
	s->next = s->mem.base;
	s->spare = s->next + cell->size;
	touch(s->spare, s->access);
	*state = s;
	return 0;
}

static int touch_reset(void *state, struct err *e)
{
	struct state *s = state;

	(void)e;
	s->faults = minor_faults();
	return 0;
}

static void touch_run(void *state, unsigned thread, uint64_t iterations)
{
	struct state *s = state;

	(void)thread;
	for (uint64_t i = 0; i < iterations; i++) {
		touch(s->next, s->access);
		s->next += s->page;
	}
}

static void touch_baseline(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;

	(void)thread;
	for (uint64_t i = 0; i < iterations; i++)
		touch(s->spare, s->access);
}

static uint64_t touch_capacity(const void *state)
{
	const struct state *s = state;

	return (uint64_t)(s->spare - (char *)s->mem.base) / s->page;
}

/*
 * One fault a page, no more and no less; and the end of every page is there without another fault,
 * so that none was smaller than asked for.
 */
static int touch_verify(void *state, struct err *e)
{
	const struct state *s = state;
	uint64_t faults = minor_faults() - s->faults;
	uint64_t touched = (uint64_t)(s->next - (char *)s->mem.base) / s->page;

	if (faults != touched)
		return err_set(e, EIO,
		               "%" PRIu64 " pages were touched with %" PRIu64 " page faults",
		               touched, faults);
	faults = minor_faults();
	for (char *page = s->mem.base; page != s->next; page += s->page)
		touch(page + s->page - SMALL_PAGE, READ);
	faults = minor_faults() - faults;
	if (faults)
		return err_set(e, ENOTSUP,
		               "%" PRIu64 " of %" PRIu64
		               " pages were not huge: Linux found too little contiguous memory",
		               faults, touched);
	return 0;
}

static void touch_teardown(void *state)
{
	struct state *s = state;

	mem_free(&s->mem);
	free(s);
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
        .setup = touch_setup,
        .run = touch_run,
        .baseline = touch_baseline,
        .reset = touch_reset,
        .capacity = touch_capacity,
        .verify = touch_verify,
        .teardown = touch_teardown,
};
