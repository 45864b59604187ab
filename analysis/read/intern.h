/* SPDX-License-Identifier: MIT */
/*
 * Equal byte strings get equal small numbers: 0, 1, 2 ... in the order they were first seen. The
 * columns of samples.csv repeat a few texts millions of times; a row then costs a few integers.
 */
#ifndef ANALYSIS_READ_INTERN_H
#define ANALYSIS_READ_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"

struct intern_entry {
	const char *bytes; /* followed by a NUL, which does not belong to it */
	uint32_t size;
	uint32_t hash;
};

/* All zero is a valid empty table. */
struct intern {
	struct intern_entry *entries; /* by id */
	size_t count, room;
	uint32_t *slots;   /* id + 1, or 0; open addressing */
	size_t slot_count; /* a power of two */
	char **blocks;
	size_t block_count, block_used, block_size;
};

/* The id of `bytes`, which is copied when it is new. -ENOMEM, or -E2BIG beyond 2^32 - 2 entries. */
int intern_add(struct intern *t, const void *bytes, size_t size, uint32_t *id, struct err *e);

/* The bytes behind `id`, NUL-terminated. Valid until intern_free. */
const char *intern_text(const struct intern *t, uint32_t id);

void intern_free(struct intern *t);

#endif
