/* SPDX-License-Identifier: MIT */
/*
 * The arrays that a memory kernel works on. A cell's size is the size of one array; every thread
 * has its own slice of each, so that the slices together are the array.
 */
#ifndef KERNELS_BUFFERS_H
#define KERNELS_BUFFERS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/kernel.h"

#define BUFFERS_MAX  3   /* arrays of one cell: STREAM's three */
#define BUFFERS_STEP 512 /* bytes of one turn of the widest loop: eight AVX-512 vectors */

struct buffers_spec {
	unsigned count;             /* arrays */
	size_t offset[BUFFERS_MAX]; /* bytes from the page boundary to the start of each */
};

struct buffers {
	struct mem mem[BUFFERS_MAX];
	char *start[BUFFERS_MAX]; /* of each array, its offset included */
	unsigned count;
	size_t bytes; /* of each array */
	size_t slice; /* bytes of each array that one thread works on */
};

/* check() of a kernel whose loops need slices of whole BUFFERS_STEPs (-EINVAL). */
int buffers_check(const struct cell *cell, struct err *e);

/* Whole pages of all arrays of `spec`, in bytes. */
uint64_t buffers_footprint(const struct cell *cell, const struct buffers_spec *spec);

/*
 * Allocate, each array filled as the cell says, with random data of its own. Errors are
 * mem_alloc's; nothing is left allocated then.
 */
int buffers_open(const struct setup *setup, const struct buffers_spec *spec,
                 struct buffers *buffers, struct err *e);
void buffers_close(struct buffers *buffers);

/* Where thread `thread`'s part of an array begins. */
static inline void *buffers_slice(const struct buffers *b, unsigned array, unsigned thread)
{
	return b->start[array] + (size_t)thread * b->slice;
}

#endif
