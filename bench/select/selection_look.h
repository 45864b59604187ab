/* SPDX-License-Identifier: MIT */
/* A look at a kernel: few of its cells, sampled for a moment each, for somebody who waits. */
#ifndef BENCH_SELECT_SELECTION_LOOK_H
#define BENCH_SELECT_SELECTION_LOOK_H

#include "bench/select/selection.h"

/*
 * Put into `s`, which is as selection_init() left it, the main variants of `kernel` at up to three
 * sizes of its sweep, of at most 32 MiB each: what is larger takes seconds to set up. -ENOMEM.
 */
int selection_look(const struct kernel *kernel, struct selection *s, struct err *e);

#endif
