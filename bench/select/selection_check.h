/* SPDX-License-Identifier: MIT */
/* Cells for which a machine has no memory, refused before anything starts. */
#ifndef BENCH_SELECT_SELECTION_CHECK_H
#define BENCH_SELECT_SELECTION_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "harness/kernel.h"

/*
 * Refuse (-EINVAL) cells that need more than `available` bytes; `where` names whose memory it is.
 * Cells on hugetlb pages need none of that.
 */
int selection_check_memory(const struct cell *cells, size_t count, uint64_t available,
                           const char *where, struct err *e);

/*
 * Refuse (-ENOTSUP) cells on hugetlb pages of which Linux has too few for one array, let alone
 * several, with the remedy.
 */
int selection_check_pools(const struct cell *cells, size_t count, int node, struct err *e);

#endif
