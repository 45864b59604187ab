/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/kernel.h"
#include "harness/mem_random.h"

enum way { MUNMAP, DONTNEED, PROTECT };

static const struct variant variants[] = {
        {"munmap", "munmap() of one page", -1, MUNMAP},
        {"dontneed", "madvise(MADV_DONTNEED) of one page", -1, DONTNEED},
        {"protect", "mprotect() of one page to read-only", -1, PROTECT},
};

/* Own mapping: parts of what mem_alloc() gave cannot be given back. The last page is never taken.
 */
struct state {
	enum way way;
	size_t page;
	char *base;
	size_t mapped;
	char *next;
	uint64_t failed;
};

static uint64_t unmap_footprint(const struct cell *cell)
{
	return cell->size + mem_page_bytes(MEM_4K);
}

static int unmap_check(const struct cell *cell, struct err *e)
{
	size_t page = mem_page_bytes(MEM_4K);

	if (!cell->size || cell->size % page)
		return err_set(e, EINVAL, "unmap: size %" PRIu64 " is not a multiple of %zu bytes",
		               cell->size, page);
	return 0;
}

static int unmap_probe(const struct setup *setup, struct err *e)
{
	if (setup->cell->pages != MEM_4K || setup->cell->backing != MEM_PRIVATE)
		return err_set(e, ENOTSUP, "unmap is done with private pages of 4 KiB only");
	return 0;
}

static int unmap_setup(const struct setup *setup, void **state, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of unmap");
	s->way = (enum way)setup->cell->variant->value;
	s->page = mem_page_bytes(MEM_4K);
	s->mapped = setup->cell->size + s->page;
	s->base = mmap(NULL, s->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->base == MAP_FAILED) {
		int rc = err_errno(e, "cannot map %zu bytes", s->mapped);

		free(s);
		return rc;
	}
	madvise(s->base, s->mapped, MADV_NOHUGEPAGE);
	mem_fill(s->base, s->mapped, setup->cell->fill, setup->seed);
	s->next = s->base;
	*state = s;
	return 0;
}

static void unmap_run(void *state, unsigned thread, uint64_t iterations)
{
	struct state *s = state;

	(void)thread;
	for (; iterations; iterations--, s->next += s->page) {
		int rc;

		if (s->way == MUNMAP)
			rc = munmap(s->next, s->page);
		else if (s->way == DONTNEED)
			rc = madvise(s->next, s->page, MADV_DONTNEED);
		else
			rc = mprotect(s->next, s->page, PROT_READ);
		s->failed += rc != 0;
	}
}

static uint64_t unmap_capacity(const void *state)
{
	const struct state *s = state;

	return s->mapped / s->page - 1;
}

/* Whether page `page` is gone: not mapped any more, or without memory behind it. */
static bool is_gone(const struct state *s, char *page)
{
	unsigned char resident = 1;

	if (mincore(page, s->page, &resident))
		return s->way == MUNMAP && errno == ENOMEM;
	return s->way == DONTNEED && !(resident & 1);
}

static int unmap_verify(void *state, struct err *e)
{
	const struct state *s = state;
	uint64_t index = 0;

	if (s->next == s->base)
		return err_set(e, EIO, "no page was taken");
	if (s->failed)
		return err_set(e, EIO, "%" PRIu64 " calls failed", s->failed);
	for (char *page = s->base; s->way != PROTECT && page != s->next; page += s->page, index++) {
		if (!is_gone(s, page))
			return err_set(e, EIO, "page %" PRIu64 " is still there", index);
	}
	return 0;
}

static void unmap_teardown(void *state)
{
	struct state *s = state;

	munmap(s->base, s->mapped); /* holes do no harm */
	free(s);
}

static const uint64_t sizes[] = {64 << 20, 0};

const struct kernel kernel_unmap = {
        .name = "unmap",
        .summary =
                "Takes one written page after the other away from the process, each timed alone: "
                "page tables and the TLB of one CPU.",
        .unit = UNIT_LATENCY,
        .flags = KERNEL_MEMORY | KERNEL_SINGLE_SHOT,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .sizes = sizes,
        .footprint = unmap_footprint,
        .check = unmap_check,
        .probe = unmap_probe,
        .setup = unmap_setup,
        .run = unmap_run,
        .capacity = unmap_capacity,
        .verify = unmap_verify,
        .teardown = unmap_teardown,
};
