/* SPDX-License-Identifier: MIT */
/*
 * Memory to measure: allocated with a stated page size, bound to a NUMA node, written before it is
 * read (never the zero page), filled as asked, and its page size verified from /proc/self/smaps.
 */
#ifndef HARNESS_MEM_ALLOC_H
#define HARNESS_MEM_ALLOC_H

#include "harness/mem.h"

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

#endif
