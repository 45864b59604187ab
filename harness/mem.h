/* SPDX-License-Identifier: MIT */
/*
 * Memory to measure: allocated with a stated page size, bound to a NUMA node, written before it is
 * read (never the zero page), filled as asked, and its page size verified from /proc/self/smaps.
 */
#ifndef HARNESS_MEM_H
#define HARNESS_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"

/* The page size the process asks of its own Linux (the guest's; the host's is vmrun's matter). */
enum mem_pages { MEM_4K, MEM_THP, MEM_2M, MEM_1G, MEM_PAGES_COUNT };

/* The C-bit of the mapping: private pages are the process's ordinary ones. */
enum mem_backing {
	MEM_PRIVATE,
	MEM_SHARED, /* with the host: unencrypted in an encrypted guest; from the guest kernel
	               module */
	MEM_TWIN,   /* private, but in all else like MEM_SHARED: what that is to be compared with */
	MEM_BACKING_COUNT
};

/* What the buffers hold. The data's value alone changes bandwidth by half on some machines. */
enum mem_fill { MEM_RANDOM, MEM_ZERO, MEM_ONE, MEM_FILL_COUNT };

/* "4k", "thp", "2m", "1g"; "private", "shared", "twin"; "random", "zero", "one": CSV keys. */
const char *mem_pages_name(enum mem_pages pages);
const char *mem_backing_name(enum mem_backing backing);
const char *mem_fill_name(enum mem_fill fill);
int mem_pages_parse(const char *text, enum mem_pages *pages, struct err *e);
int mem_backing_parse(const char *text, enum mem_backing *backing, struct err *e);
int mem_fill_parse(const char *text, enum mem_fill *fill, struct err *e);

/* Bytes of one page: 4096, 2 MiB (also for THP) or 1 GiB. */
size_t mem_page_bytes(enum mem_pages pages);

struct mem_spec {
	size_t bytes; /* what the caller wants to use */
	enum mem_pages pages;
	enum mem_backing backing; /* all but private need the guest kernel module, or -ENOTSUP */
	enum mem_fill fill;
	int node;       /* NUMA node to bind to; -1 leaves it to Linux */
	uint64_t seed;  /* of the random fill */
	bool untouched; /* leave it unwritten (for kernels that measure the first touch) */
};

struct mem {
	void *base;    /* aligned to the page size */
	size_t bytes;  /* as asked */
	size_t mapped; /* rounded up to whole pages */
	enum mem_pages pages;
	enum mem_backing backing;
};

/*
 * Map, bind, write and verify; a page that cannot be accessed stands before and after the memory
 * (not with hugetlb pages). -EINVAL for no bytes or a node that does not exist; -ENOMEM, before
 * anything is mapped, when it is more than mem_available() or than the node has; -ENOTSUP where the
 * page size cannot be had: the hugetlb pool is too small (the sentence says how many pages there
 * are and how to get more), or transparent huge pages were asked for and /proc/self/smaps does not
 * show them (the sentence says the share that was found). Untouched memory has no pages to verify:
 * only whether Linux would use huge ones.
 */
int mem_alloc(const struct mem_spec *spec, struct mem *mem, struct err *e);
void mem_free(struct mem *mem);

/*
 * Does Linux have hugetlb pages of the size `pages` (MEM_2M or MEM_1G) for `bytes`, on `node` (-1:
 * on any)? 0, or -ENOTSUP with a sentence that says how many there are and how to get more.
 */
int mem_pool_check(enum mem_pages pages, uint64_t bytes, int node, struct err *e);

/* Whether `pages` come from a pool of hugetlb pages, and so are no part of mem_available(). */
bool mem_pooled(enum mem_pages pages);

/*
 * Random data repeats after this many bytes, so that filling gigabytes takes no minutes under
 * software emulation. No power of two: equal lines do not fall into equal sets of a cache.
 */
#define MEM_FILL_PERIOD ((1U << 20) - 4096 + 64)

/*
 * Fill `bytes` at `base`: every byte 0, every byte 1, or random, the same for the same seed
 * (xoshiro256**, Blackman and Vigna), with period MEM_FILL_PERIOD.
 */
void mem_fill(void *base, size_t bytes, enum mem_fill fill, uint64_t seed);

/*
 * Bytes that may be used: MemAvailable of /proc/meminfo, or what the control groups of this process
 * leave where that is less. 0 where it cannot be read.
 */
uint64_t mem_available(void);

/* The same below `root`, where recorded files stand. */
uint64_t mem_available_at(const char *root);

/* A pseudo-random stream for permutations: state from splitmix64(seed). */
struct mem_random {
	uint64_t s[4];
};
void mem_random_seed(struct mem_random *r, uint64_t seed);
uint64_t mem_random_next(struct mem_random *r);
/* Uniform in [0, bound), without modulo bias (Lemire 2019). bound > 0. */
uint64_t mem_random_below(struct mem_random *r, uint64_t bound);

#endif
