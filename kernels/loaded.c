/* SPDX-License-Identifier: MIT */
#include <emmintrin.h>
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "harness/mem_alloc.h"
#include "harness/mem_random.h"
#include "kernels/cycle.h"

#define CHUNK 4096 /* a neighbour looks up after as many bytes whether the batch is over */

/* What a neighbour does with a chunk of its own memory. */
typedef void load_function(char *chunk);

static void load_read(char *chunk)
{
	const __m128i *v = (const void *)chunk;

	for (const __m128i *end = v + CHUNK / sizeof(*v); v != end; v += 4) {
		__m128i a = _mm_load_si128(v);
		__m128i b = _mm_load_si128(v + 1);
		__m128i c = _mm_load_si128(v + 2);
		__m128i d = _mm_load_si128(v + 3);

		__asm__ volatile("" : : "x"(a), "x"(b), "x"(c), "x"(d) : "memory");
	}
}

static void load_write(char *chunk)
{
	__m128i *v = (void *)chunk;
	__m128i value = _mm_set1_epi8(0x5a);

	for (const __m128i *end = v + CHUNK / sizeof(*v); v != end; v += 4) {
		_mm_store_si128(v, value);
		_mm_store_si128(v + 1, value);
		_mm_store_si128(v + 2, value);
		_mm_store_si128(v + 3, value);
		__asm__ volatile("" : : : "memory");
	}
}

/* The first half is written with what the second half holds. */
static void load_copy(char *chunk)
{
	__m128i *v = (void *)chunk;
	const __m128i *from = v + CHUNK / 2 / sizeof(*v);

	for (const __m128i *end = from; v != end; v += 4, from += 4) {
		__m128i a = _mm_load_si128(from);
		__m128i b = _mm_load_si128(from + 1);
		__m128i c = _mm_load_si128(from + 2);
		__m128i d = _mm_load_si128(from + 3);

		_mm_store_si128(v, a);
		_mm_store_si128(v + 1, b);
		_mm_store_si128(v + 2, c);
		_mm_store_si128(v + 3, d);
		__asm__ volatile("" : : : "memory");
	}
}

static void load_write_nt(char *chunk)
{
	__m128i *v = (void *)chunk;
	__m128i value = _mm_set1_epi8(0x5a);

	for (const __m128i *end = v + CHUNK / sizeof(*v); v != end; v += 4) {
		_mm_stream_si128(v, value);
		_mm_stream_si128(v + 1, value);
		_mm_stream_si128(v + 2, value);
		_mm_stream_si128(v + 3, value);
		__asm__ volatile("" : : : "memory");
	}
	_mm_sfence();
}

/* The neighbours' traffic, from reads alone to writes alone. */
enum traffic_kind { READ, COPY, WRITE, WRITE_NT };
static load_function *const loads[] = {
        [READ] = load_read, [COPY] = load_copy, [WRITE] = load_write, [WRITE_NT] = load_write_nt};

static const struct variant variants[] = {
        {"read", "the neighbours read", -1, READ},
        {"copy", "the neighbours read as much as they write", -1, COPY},
        {"write", "the neighbours write", -1, WRITE},
        {"write_nt", "the neighbours write past the caches", -1, WRITE_NT},
};

/* Streams until the batch that it was started for is over. */
struct neighbour {
	char *array;
	uint64_t at;      /* where in the array */
	uint64_t chunks;  /* done in all batches */
	uint64_t batches; /* seen to end */
} __attribute__((aligned(CYCLE_LINE)));

struct state {
	struct mem mem;
	uint64_t size; /* of each thread's array */
	unsigned threads;
	load_function *load;
	uint64_t pause;
	struct cycle cycle;
	struct cycle_node *at;
	uint64_t steps;
	struct neighbour *neighbours;            /* by thread; the first is not used */
	_Alignas(CYCLE_LINE) atomic_ulong ended; /* batches that thread 0 has ended */
};

static uint64_t loaded_footprint(const struct cell *cell)
{
	uint64_t page = mem_page_bytes(cell->pages);

	return (cell->size * cell->threads + page - 1) / page * page +
	       cycle_scratch(cell->size / CYCLE_LINE);
}

static int loaded_check(const struct cell *cell, struct err *e)
{
	if (!cell->size || cell->size % CHUNK)
		return err_set(e, EINVAL, "loaded: size %" PRIu64 " is not a multiple of %d bytes",
		               cell->size, CHUNK);
	if (cell->size / CYCLE_LINE > UINT32_MAX || cell->size > UINT64_MAX / cell->threads)
		return err_set(e, EINVAL, "loaded: size %" PRIu64 " is too large", cell->size);
	return 0;
}

static void loaded_teardown(void *state)
{
	struct state *s = state;

	if (s->mem.base)
		mem_free(&s->mem);
	free(s->neighbours);
	free(s);
}

static struct state *new_state(const struct cell *cell)
{
	struct state *s = aligned_alloc(CYCLE_LINE, sizeof(*s));
	struct neighbour *n = aligned_alloc(CYCLE_LINE, cell->threads * sizeof(*n));

	if (!s || !n) {
		free(s);
		free(n);
		return NULL;
	}
	*s = (struct state){.size = cell->size,
	                    .threads = cell->threads,
	                    .load = loads[cell->variant->value],
	                    .pause = cell_axis(cell, "pause"),
	                    .neighbours = n};
	return s;
}

static int loaded_setup(const struct setup *setup, void **state, struct err *e)
{
	const struct cell *cell = setup->cell;
	struct mem_spec spec = {.bytes = cell->size * cell->threads,
	                        .pages = cell->pages,
	                        .backing = cell->backing,
	                        .fill = cell->fill,
	                        .node = setup->node,
	                        .seed = setup->seed};
	struct state *s = new_state(cell);
	struct mem_random random;
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of loaded");
	rc = mem_alloc(&spec, &s->mem, e);
	if (!rc) {
		s->cycle = (struct cycle){.base = s->mem.base,
		                          .nodes = cell->size / CYCLE_LINE,
		                          .stride = CYCLE_LINE};
		for (unsigned t = 0; t < s->threads; t++)
			s->neighbours[t] =
			        (struct neighbour){.array = (char *)s->mem.base + t * s->size};
		mem_random_seed(&random, setup->seed);
		rc = cycle_link(&s->cycle, CYCLE_RANDOM, &random, &s->at, 1, e);
	}
	if (rc)
		loaded_teardown(s);
	else
		*state = s;
	return rc;
}

/* At least one chunk, however soon the batch ends. */
static void stream_until_the_end(struct state *s, struct neighbour *n)
{
	n->batches++;
	do {
		s->load(n->array + n->at);
		n->at += CHUNK;
		if (n->at == s->size)
			n->at = 0;
		n->chunks++;
		for (uint64_t i = 0; i < s->pause; i++)
			_mm_pause();
	} while (atomic_load_explicit(&s->ended, memory_order_acquire) < n->batches);
}

static void loaded_run(void *state, unsigned thread, uint64_t iterations)
{
	struct state *s = state;

	if (thread) {
		stream_until_the_end(s, &s->neighbours[thread]);
		return;
	}
	cycle_walk(&s->at, iterations);
	s->steps += iterations;
	atomic_fetch_add_explicit(&s->ended, 1, memory_order_release);
}

static int loaded_verify(void *state, struct err *e)
{
	const struct state *s = state;

	if (s->at->rank != s->steps % s->cycle.nodes)
		return err_set(e, EIO, "%" PRIu64 " steps ended at line %" PRIu64, s->steps,
		               s->at->rank);
	for (unsigned t = 1; t < s->threads; t++) {
		if (s->neighbours[t].batches != s->ended)
			return err_set(e, EIO,
			               "neighbour %u was there in %" PRIu64 " of %lu batches", t,
			               s->neighbours[t].batches, s->ended);
	}
	return cycle_verify(&s->cycle, e);
}

static const uint64_t sizes[] = {256 << 20, 0};

static const struct axis axes[] = {
        {"pause", "PAUSE instructions after each 4 KiB of a neighbour: less load", 0, 1 << 20,
         (const uint64_t[]){0, AXIS_END}},
};

const struct kernel kernel_loaded = {
        .name = "loaded",
        .summary = "Follows a random cycle through all lines of the given size, while the other "
                   "threads stream through arrays of the same size each. An iteration is one load "
                   "of the first thread.",
        .unit = UNIT_LATENCY,
        .flags = KERNEL_MEMORY | KERNEL_THREADS,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .sizes = sizes,
        .axes = axes,
        .axis_count = sizeof(axes) / sizeof(axes[0]),
        .footprint = loaded_footprint,
        .check = loaded_check,
        .setup = loaded_setup,
        .run = loaded_run,
        /* No baseline: the loop's counter runs in the shadow of the loads. */
        .verify = loaded_verify,
        .teardown = loaded_teardown,
};
