/* SPDX-License-Identifier: MIT */
/* Memory to measure, in words: pages, backing, fill. mem_alloc.h makes it. */
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

/* Whether `pages` come from a pool of hugetlb pages, and so are no part of mem_available(). */
bool mem_pooled(enum mem_pages pages);

#endif
