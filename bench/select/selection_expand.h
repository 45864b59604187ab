/* SPDX-License-Identifier: MIT */
/* From a selection to the cells of a kernel. */
#ifndef BENCH_SELECT_SELECTION_EXPAND_H
#define BENCH_SELECT_SELECTION_EXPAND_H

#include "bench/select/selection.h"

/*
 * Every cell that `s` selects of `kernel`, in a fixed order: variants, sizes, threads, pages,
 * backings, fills, axes. *cells is malloc'ed. -EINVAL with a sentence for what the kernel does not
 * have. A size that is a multiple of the caches is resolved on this machine for the cell's threads
 * (-ENOTSUP where it does not show its caches).
 */
int selection_expand(const struct selection *s, const struct kernel *kernel, struct cell **cells,
                     size_t *count, struct err *e);

#endif
