/* SPDX-License-Identifier: MIT */
#include "analysis/read/intern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE  (64U << 10)
#define FIRST_SLOTS 256U

/* FNV-1a, folded to 32 bits. */
static uint32_t hash_bytes(const unsigned char *bytes, size_t size)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < size; i++)
		h = (h ^ bytes[i]) * 0x100000001b3ULL;
	return (uint32_t)(h ^ (h >> 32));
}

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "no memory for a table of names");
}

/* The slot that holds the bytes, or the free one where they belong. */
static uint32_t *slot_of(const struct intern *t, const void *bytes, size_t size, uint32_t hash)
{
	size_t mask = t->slot_count - 1;

	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		uint32_t *slot = &t->slots[i];
		const struct intern_entry *entry;

		if (!*slot)
			return slot;
		entry = &t->entries[*slot - 1];
		if (entry->hash == hash && entry->size == size &&
		    !memcmp(entry->bytes, bytes, size))
			return slot;
	}
}

static int grow_slots(struct intern *t, struct err *e)
{
	size_t wanted = t->slot_count ? t->slot_count * 2 : FIRST_SLOTS;
	uint32_t *slots = calloc(wanted, sizeof(*slots));

	if (!slots)
		return no_memory(e);
	free(t->slots);
	t->slots = slots;
	t->slot_count = wanted;
	for (size_t id = 0; id < t->count; id++) {
		const struct intern_entry *entry = &t->entries[id];

		*slot_of(t, entry->bytes, entry->size, entry->hash) = (uint32_t)id + 1;
	}
	return 0;
}

/* Room for `size` bytes that never move. */
static char *reserve(struct intern *t, size_t size)
{
	if (!t->block_count || t->block_size - t->block_used < size) {
		size_t block_size = size > BLOCK_SIZE ? size : BLOCK_SIZE;
		char **blocks = realloc(t->blocks, (t->block_count + 1) * sizeof(*blocks));

		if (!blocks)
			return NULL;
		t->blocks = blocks;
		blocks[t->block_count] = malloc(block_size);
		if (!blocks[t->block_count])
			return NULL;
		t->block_count++;
		t->block_size = block_size;
		t->block_used = 0;
	}
	t->block_used += size;
	return t->blocks[t->block_count - 1] + t->block_used - size;
}

int intern_add(struct intern *t, const void *bytes, size_t size, uint32_t *id, struct err *e)
{
	uint32_t hash = hash_bytes(bytes, size);
	uint32_t *slot;
	char *copy;

	if (t->count * 2 >= t->slot_count && grow_slots(t, e))
		return -ENOMEM;
	slot = slot_of(t, bytes, size, hash);
	if (*slot) {
		*id = *slot - 1;
		return 0;
	}
	if (t->count >= UINT32_MAX - 1 || size >= UINT32_MAX)
		return err_set(e, E2BIG, "more different names than a table holds");
	if (t->count == t->room) {
		size_t room = t->room ? t->room * 2 : 64;
		struct intern_entry *entries = realloc(t->entries, room * sizeof(*entries));

		if (!entries)
			return no_memory(e);
		t->entries = entries;
		t->room = room;
	}
	/* Keys are structs of 64-bit members: keep them aligned. */
	copy = reserve(t, (size + 1 + 7) & ~(size_t)7);
	if (!copy)
		return no_memory(e);
	memcpy(copy, bytes, size);
	copy[size] = '\0';
	*id = (uint32_t)t->count;
	t->entries[t->count++] = (struct intern_entry){copy, (uint32_t)size, hash};
	*slot = *id + 1;
	return 0;
}

const char *intern_text(const struct intern *t, uint32_t id)
{
	return t->entries[id].bytes;
}

void intern_free(struct intern *t)
{
	for (size_t i = 0; i < t->block_count; i++)
		free(t->blocks[i]);
	free(t->blocks);
	free(t->slots);
	free(t->entries);
	memset(t, 0, sizeof(*t));
}
