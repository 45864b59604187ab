/* SPDX-License-Identifier: MIT */
/* A size that is given in bytes, or as a multiple of the caches that a cell's threads use. */
#ifndef BENCH_SELECT_SELECTION_SIZE_H
#define BENCH_SELECT_SELECTION_SIZE_H

#include <stdint.h>

#include "harness/kernel.h"

struct selection_size {
	uint64_t bytes;        /* 0: of the caches */
	unsigned times, parts; /* times / parts of the bytes of ... */
	unsigned level;        /* ... the caches of this level; 0: the last one */
};

/*
 * "64M", or "4xLLC", "1/4xL2": a size as harness/units.h reads it, or a multiple (a fraction) of
 * the caches of a level, LLC being the last. -EINVAL or -ERANGE with a sentence.
 */
int selection_size_parse(const char *text, struct selection_size *size, struct err *e);

/*
 * The bytes that `size` comes to for `threads` threads on the CPUs `cpus` (NULL: by topology): the
 * caches that these threads use, each counted once. Not rounded to anything. -EINVAL when there are
 * not so many CPUs; -ENOTSUP when the machine does not show its caches.
 */
int selection_size_bytes(const struct selection_size *size, unsigned threads, const char *cpus,
                         uint64_t *bytes, struct err *e);

/*
 * Give `cell` the size of at least `bytes` that its kernel takes: rounded up to whole 4 KiB a
 * thread, or to whole pages of the cell a thread where it takes no less. Errors are those of the
 * kernel's check().
 */
int selection_size_round(struct cell *cell, uint64_t bytes, struct err *e);

#endif
