/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <immintrin.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/mem_random.h"
#include "kernels/buffers.h"

#define LINE 64UL

/* Add one to the 64-bit words of `bytes`, a multiple of BUFFERS_STEP. */
typedef void update_function(uint64_t *words, size_t bytes);

/* How one variant updates. */
struct way {
	update_function *update;
	unsigned words; /* of the eight in a line that it adds to */
};

/* Keeps the compiler from changing the vectors of a loop. */
#define KEEP() __asm__ volatile("" ::: "memory")

/* Assembly, because compilers make vectors of anything else. */
#define INCREMENT(word) __asm__ volatile("incq %0" : "+m"(word) : : "cc")

/* An instruction that reads, adds and writes, as plain C without vectors does. */
static void update_scalar(uint64_t *words, size_t bytes)
{
	for (const uint64_t *end = words + bytes / sizeof(*words); words != end; words += 4) {
		INCREMENT(words[0]);
		INCREMENT(words[1]);
		INCREMENT(words[2]);
		INCREMENT(words[3]);
	}
}

/* Only the first word of every line: a whole line is read and written back for it. */
static void update_line(uint64_t *words, size_t bytes)
{
	const uint64_t *end = words + bytes / sizeof(*words);

	for (; words != end; words += LINE / sizeof(*words))
		INCREMENT(*words);
}

/* The same with a lock: what an uncontended atomic costs in each line. */
static void update_line_lock(uint64_t *words, size_t bytes)
{
	const uint64_t *end = words + bytes / sizeof(*words);

	for (; words != end; words += LINE / sizeof(*words))
		__asm__ volatile("lock incq %0" : "+m"(*words) : : "cc");
}

/* Four vectors a turn. */
#define UPDATE_VECTORS(name, isa, vector, load, one, add, store)                                   \
	__attribute__((target(isa))) static void name(uint64_t *words, size_t bytes)               \
	{                                                                                          \
		vector *v = (void *)words;                                                         \
		const vector *end = v + bytes / sizeof(vector);                                    \
                                                                                                   \
		for (; v != end; v += 4) {                                                         \
			store((void *)v, add(load((void *)v), one));                               \
			store((void *)(v + 1), add(load((void *)(v + 1)), one));                   \
			store((void *)(v + 2), add(load((void *)(v + 2)), one));                   \
			store((void *)(v + 3), add(load((void *)(v + 3)), one));                   \
			KEEP();                                                                    \
		}                                                                                  \
	}

UPDATE_VECTORS(update_sse2, "sse2", __m128i, _mm_loadu_si128, _mm_set1_epi64x(1), _mm_add_epi64,
               _mm_storeu_si128)
UPDATE_VECTORS(update_avx2, "avx2", __m256i, _mm256_loadu_si256, _mm256_set1_epi64x(1),
               _mm256_add_epi64, _mm256_storeu_si256)
UPDATE_VECTORS(update_avx512, "avx512f", __m512i, _mm512_loadu_si512, _mm512_set1_epi64(1),
               _mm512_add_epi64, _mm512_storeu_si512)

#define WAY(...) ((uintptr_t)(&(const struct way){__VA_ARGS__}))

static const struct variant variants[] = {
        {"scalar", "one 64-bit word at a time", -1, WAY(update_scalar, 8)},
        {"line", "one 64-bit word of every line", -1, WAY(update_line, 1)},
        {"line_lock", "one 64-bit word of every line, locked", -1, WAY(update_line_lock, 1)},
        {"sse2", "128-bit vectors", CPU_SSE2, WAY(update_sse2, 8)},
        {"avx2", "256-bit vectors", CPU_AVX2, WAY(update_avx2, 8)},
        {"avx512", "512-bit vectors", CPU_AVX512F, WAY(update_avx512, 8)},
};

static const struct buffers_spec arrays = {.count = 1};

struct state {
	struct buffers buffers;
	const struct way *way;
	enum mem_fill fill;
	uint64_t seed;
	unsigned threads;
	uint64_t *iterations; /* of each thread */
};

static const struct way *way_of(const struct cell *cell)
{
	return (const struct way *)cell->variant->value; /* NOLINT(performance-no-int-to-ptr) */
}

static uint64_t update_footprint(const struct cell *cell)
{
	return buffers_footprint(cell, &arrays);
}

static void update_teardown(void *state)
{
	struct state *s = state;

	buffers_close(&s->buffers);
	free(s->iterations);
	free(s);
}

/* What the next word of the array was in the beginning. */
static uint64_t first_value(const struct state *s, struct mem_random *random)
{
	if (s->fill == MEM_RANDOM)
		return mem_random_next(random);
	return s->fill == MEM_ONE ? 0x0101010101010101ULL : 0;
}

static int update_setup(const struct setup *setup, void **state, struct err *e)
{
	const struct cell *cell = setup->cell;
	struct state *s = calloc(1, sizeof(*s));
	struct mem_random random;
	uint64_t *words;
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of update");
	s->way = way_of(cell);
	s->fill = cell->fill;
	s->seed = setup->seed;
	s->threads = cell->threads;
	s->iterations = calloc(cell->threads, sizeof(*s->iterations));
	if (!s->iterations) {
		update_teardown(s);
		return err_set(e, ENOMEM, "no memory for the counts of %u threads", cell->threads);
	}
	rc = buffers_open(setup, &arrays, &s->buffers, e);
	if (rc) {
		update_teardown(s);
		return rc;
	}
	words = buffers_slice(&s->buffers, 0, 0);
	mem_random_seed(&random, s->seed);
	for (size_t i = 0; i < s->buffers.bytes / sizeof(*words); i++)
		words[i] = first_value(s, &random);
	*state = s;
	return 0;
}

static void update_run(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;
	uint64_t *words = buffers_slice(&s->buffers, 0, thread);

	for (uint64_t i = 0; i < iterations; i++)
		s->way->update(words, s->buffers.slice);
	s->iterations[thread] += iterations;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): it has the type of the others */
static void update_nothing(uint64_t *words, size_t bytes)
{
	(void)words;
	(void)bytes;
	KEEP();
}

static void update_baseline(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;
	update_function *volatile function = update_nothing;
	update_function *nothing = function;
	uint64_t *words = buffers_slice(&s->buffers, 0, thread);

	for (uint64_t i = 0; i < iterations; i++)
		nothing(words, s->buffers.slice);
}

/* Every word has grown by one in every iteration. */
static int update_verify(void *state, struct err *e)
{
	const struct state *s = state;
	const uint64_t *words = buffers_slice(&s->buffers, 0, 0);
	size_t slice = s->buffers.slice / sizeof(*words);
	struct mem_random random;

	mem_random_seed(&random, s->seed);
	for (size_t i = 0; i < s->buffers.bytes / sizeof(*words); i++) {
		uint64_t grown = words[i] - first_value(s, &random);
		uint64_t want = i % 8 < s->way->words ? s->iterations[i / slice] : 0;

		if (!s->iterations[i / slice])
			return err_set(e, EIO, "thread %zu has updated nothing", i / slice);
		if (grown != want)
			return err_set(e, EIO,
			               "word %zu grew by %" PRIu64 " in %" PRIu64 " iterations", i,
			               grown, s->iterations[i / slice]);
	}
	return 0;
}

static void update_traffic(const struct cell *cell, struct traffic *traffic)
{
	uint64_t bytes = cell->size / 8 * way_of(cell)->words;

	*traffic = (struct traffic){.read = bytes, .written = bytes};
}

static const uint64_t sizes[] = {4 << 10,  32 << 10, 256 << 10, 1 << 20, 4 << 20,
                                 16 << 20, 64 << 20, 256 << 20, 1 << 30, 0};

const struct kernel kernel_update = {
        .name = "update",
        .summary = "Adds one to the words of an array of the given size in place, again and again; "
                   "every thread its own part. An iteration is one pass over the whole array.",
        .unit = UNIT_BANDWIDTH,
        .flags = KERNEL_MEMORY | KERNEL_THREADS,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .sizes = sizes,
        .footprint = update_footprint,
        .check = buffers_check,
        .setup = update_setup,
        .run = update_run,
        .baseline = update_baseline,
        .verify = update_verify,
        .traffic = update_traffic,
        .teardown = update_teardown,
};
