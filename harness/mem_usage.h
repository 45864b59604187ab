/* SPDX-License-Identifier: MIT */
/* What Linux says of a piece of the process's memory: /proc/self/smaps, see proc(5). */
#ifndef HARNESS_MEM_USAGE_H
#define HARNESS_MEM_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"

/* All in bytes. */
struct mem_usage {
	uint64_t mapped;    /* length of the mappings found */
	uint64_t page;      /* KernelPageSize, the largest */
	uint64_t resident;  /* pages that are there, of whatever kind but hugetlb */
	uint64_t anonymous; /* pages that were written; the zero page is not among them */
	uint64_t huge;      /* of them, in transparent huge pages mapped as such */
	uint64_t hugetlb;   /* pages of the hugetlb pool */
	bool eligible;      /* Linux would use transparent huge pages here */
};

/*
 * Sum up the mappings that begin in [base, base + bytes). `smaps` is the file's path. Fails when it
 * cannot be read (-errno) or holds no such mapping (-ENODATA).
 */
int mem_usage_read(const char *smaps, const void *base, size_t bytes, struct mem_usage *usage,
                   struct err *e);

#endif
