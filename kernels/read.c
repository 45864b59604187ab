/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <immintrin.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/buffers.h"

#define LINE 64UL
#define PAGE 4096UL

/*
 * Read `bytes`, a multiple of BUFFERS_STEP, and return the exclusive or of all 64-bit words that
 * were read. `distance` is how far ahead, in bytes, the prefetching variants ask.
 */
typedef uint64_t read_function(const void *src, size_t bytes, size_t distance);

/* Eight bytes wherever they lie. */
typedef uint64_t __attribute__((aligned(1), may_alias)) word;

/* How one variant reads. */
struct way {
	read_function *read;
	unsigned words;   /* that it reads, ... */
	unsigned of;      /* ... the first ones of as many */
	size_t alignment; /* that its loads demand of the source, in bytes */
	unsigned last;    /* the result is of so many words at the end; 0: of all */
};

/* Keeps the compiler from changing the vectors of a loop. */
#define KEEP() __asm__ volatile("" ::: "memory")

/* The exclusive or of three: AVX-512 does it at once, so that the loads are all that takes time. */
#define XOR3_128(x, y, z) _mm_xor_si128(_mm_xor_si128(x, y), z)
#define XOR3_256(x, y, z) _mm256_xor_si256(_mm256_xor_si256(x, y), z)
#define XOR3_512(x, y, z) _mm512_ternarylogic_epi64(x, y, z, 0x96)

/*
 * Eight vectors, `step` bytes from one to the next. Four sums, so that no load waits for the
 * addition of the one before; held after every eight.
 */
#define ADD_EIGHT(load, xor3, s, step)                                                             \
	a = xor3(a, load((void *)(s)), load((void *)((s) + (step))));                              \
	b = xor3(b, load((void *)((s) + 2 * (step))), load((void *)((s) + 3 * (step))));           \
	c = xor3(c, load((void *)((s) + 4 * (step))), load((void *)((s) + 5 * (step))));           \
	d = xor3(d, load((void *)((s) + 6 * (step))), load((void *)((s) + 7 * (step))));           \
	__asm__ volatile("" : "+v"(a), "+v"(b), "+v"(c), "+v"(d) : : "memory")

/* Eight vectors a turn. */
#define READ_VECTORS(name, isa, vector, load, zero, xor3, fold, ahead)                             \
	__attribute__((target(isa))) static uint64_t name(const void *src, size_t bytes,           \
	                                                  size_t distance)                         \
	{                                                                                          \
		const char *s = src;                                                               \
		const char *end = s + bytes;                                                       \
		vector a = zero();                                                                 \
		vector b = zero();                                                                 \
		vector c = zero();                                                                 \
		vector d = zero();                                                                 \
                                                                                                   \
		(void)distance;                                                                    \
		for (; s != end; s += 8 * sizeof(vector)) {                                        \
			ahead(8 * sizeof(vector));                                                 \
			ADD_EIGHT(load, xor3, s, sizeof(vector));                                  \
		}                                                                                  \
		return fold(xor3(a, b, xor3(c, d, zero())));                                       \
	}

/* The exclusive or of a vector's words. */
static uint64_t fold128(__m128i v)
{
	return (uint64_t)_mm_cvtsi128_si64(v) ^
	       (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(v, v));
}

__attribute__((target("avx2"))) static uint64_t fold256(__m256i v)
{
	return fold128(_mm_xor_si128(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1)));
}

__attribute__((target("avx512f"))) static uint64_t fold512(__m512i v)
{
	return fold256(
	        _mm256_xor_si256(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1)));
}

/* The lines of the turn that lies `distance` ahead; beyond the end a prefetch is ignored. */
#define PREFETCH(hint, turn)                                                                       \
	for (size_t line = 0; line < (turn); line += LINE)                                         \
	_mm_prefetch(s + distance + line, hint)

#define PREFETCH_T0(turn)  PREFETCH(_MM_HINT_T0, turn)
#define PREFETCH_NTA(turn) PREFETCH(_MM_HINT_NTA, turn)
#define NOTHING(turn)      ((void)0)

READ_VECTORS(read_sse2, "sse2", __m128i, _mm_loadu_si128, _mm_setzero_si128, XOR3_128, fold128,
             NOTHING)
READ_VECTORS(read_sse41_nt, "sse4.1", __m128i, _mm_stream_load_si128, _mm_setzero_si128, XOR3_128,
             fold128, NOTHING)
READ_VECTORS(read_avx2, "avx2", __m256i, _mm256_loadu_si256, _mm256_setzero_si256, XOR3_256,
             fold256, NOTHING)
READ_VECTORS(read_avx2_t0, "avx2", __m256i, _mm256_loadu_si256, _mm256_setzero_si256, XOR3_256,
             fold256, PREFETCH_T0)
READ_VECTORS(read_avx2_nta, "avx2", __m256i, _mm256_loadu_si256, _mm256_setzero_si256, XOR3_256,
             fold256, PREFETCH_NTA)
READ_VECTORS(read_avx2_nt, "avx2", __m256i, _mm256_stream_load_si256, _mm256_setzero_si256,
             XOR3_256, fold256, NOTHING)
READ_VECTORS(read_avx512, "avx512f", __m512i, _mm512_loadu_si512, _mm512_setzero_si512, XOR3_512,
             fold512, NOTHING)
READ_VECTORS(read_avx512_t0, "avx512f", __m512i, _mm512_loadu_si512, _mm512_setzero_si512, XOR3_512,
             fold512, PREFETCH_T0)
READ_VECTORS(read_avx512_nta, "avx512f", __m512i, _mm512_loadu_si512, _mm512_setzero_si512,
             XOR3_512, fold512, PREFETCH_NTA)

/*
 * Loads alone, eight a turn, as likwid-bench's `load` does them: nothing is done with the data but
 * that it comes into registers, so the result is of the last turn.
 */
#define READ_LOADS(name, isa, vector, load, zero, xor3, fold)                                      \
	__attribute__((target(isa))) static uint64_t name(const void *src, size_t bytes,           \
	                                                  size_t distance)                         \
	{                                                                                          \
		const char *end = (const char *)src + bytes;                                       \
		vector v[8] = {zero()};                                                            \
                                                                                                   \
		(void)distance;                                                                    \
		for (const char *s = src; s != end; s += sizeof(v)) {                              \
			_Pragma("GCC unroll 8") for (size_t i = 0; i < 8; i++) v[i] =              \
			        load((const void *)(s + i * sizeof(vector)));                      \
			__asm__ volatile(""                                                        \
			                 :                                                         \
			                 : "v"(v[0]), "v"(v[1]), "v"(v[2]), "v"(v[3]), "v"(v[4]),  \
			                   "v"(v[5]), "v"(v[6]), "v"(v[7])                         \
			                 : "memory");                                              \
		}                                                                                  \
		return fold(xor3(xor3(v[0], v[1], v[2]), xor3(v[3], v[4], v[5]),                   \
		                 xor3(v[6], v[7], zero())));                                       \
	}

READ_LOADS(read_avx2_load, "avx2", __m256i, _mm256_loadu_si256, _mm256_setzero_si256, XOR3_256,
           fold256)
READ_LOADS(read_avx512_load, "avx512f", __m512i, _mm512_loadu_si512, _mm512_setzero_si512, XOR3_512,
           fold512)

/* From the last line to the first. */
__attribute__((target("avx2"))) static uint64_t read_avx2_back(const void *src, size_t bytes,
                                                               size_t distance)
{
	const __m256i *s = (const __m256i *)src + bytes / sizeof(*s);
	__m256i a = _mm256_setzero_si256();
	__m256i b = _mm256_setzero_si256();

	(void)distance;
	while (s != src) {
		s -= 4;
		a = _mm256_xor_si256(a, _mm256_loadu_si256(s + 3));
		b = _mm256_xor_si256(b, _mm256_loadu_si256(s + 2));
		a = _mm256_xor_si256(a, _mm256_loadu_si256(s + 1));
		b = _mm256_xor_si256(b, _mm256_loadu_si256(s));
		KEEP();
	}
	return fold256(_mm256_xor_si256(a, b));
}

/*
 * The same line of eight pages in turn: more pages are under way at once than the processor's
 * prefetchers would open by themselves. What is left after whole groups of pages, `rest` reads.
 */
#define READ_PAGES(name, isa, vector, load, zero, xor3, fold, rest)                                \
	__attribute__((target(isa))) static uint64_t name(const void *src, size_t bytes,           \
	                                                  size_t distance)                         \
	{                                                                                          \
		const char *s = src;                                                               \
		vector a = zero();                                                                 \
		vector b = zero();                                                                 \
		vector c = zero();                                                                 \
		vector d = zero();                                                                 \
                                                                                                   \
		for (; bytes >= 8 * PAGE; bytes -= 8 * PAGE) {                                     \
			for (const char *end = s + PAGE; s != end; s += sizeof(vector)) {          \
				ADD_EIGHT(load, xor3, s, PAGE);                                    \
			}                                                                          \
			s += 7 * PAGE;                                                             \
		}                                                                                  \
		return fold(xor3(a, b, xor3(c, d, zero()))) ^ rest(s, bytes, distance);            \
	}

READ_PAGES(read_avx2_pages, "avx2", __m256i, _mm256_loadu_si256, _mm256_setzero_si256, XOR3_256,
           fold256, read_avx2)
READ_PAGES(read_avx512_pages, "avx512f", __m512i, _mm512_loadu_si512, _mm512_setzero_si512,
           XOR3_512, fold512, read_avx512)

/*
 * Any of `lines` lines, as likely as every other (D. Knuth's MMIX generator, its upper half scaled
 * to the range); the same ones in the same order in every pass.
 */
static inline uint64_t random_line(uint64_t *state, uint64_t lines)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*state >> 32) * lines >> 32;
}

/* Lines anywhere, none of which waits for another: as many are under way as the core can hold. */
static uint64_t read_random(const void *src, size_t bytes, size_t distance)
{
	uint64_t lines = bytes / LINE;
	uint64_t state = 0;
	__m128i a = _mm_setzero_si128();
	__m128i b = _mm_setzero_si128();

	(void)distance;
	for (uint64_t i = 0; i < lines; i++) {
		const __m128i *v = src;

		v += LINE / sizeof(*v) * random_line(&state, lines);
		a = XOR3_128(a, _mm_loadu_si128(v), _mm_loadu_si128(v + 1));
		b = XOR3_128(b, _mm_loadu_si128(v + 2), _mm_loadu_si128(v + 3));
		KEEP();
	}
	return fold128(_mm_xor_si128(a, b));
}

/* Assembly, because compilers make vectors of anything else. */
#define ADD_WORD(sum, word) __asm__ volatile("xorq %1, %0" : "+r"(sum) : "m"(word) : "cc")

/* Eight bytes at a time, as plain C without vectors does. */
static uint64_t read_scalar(const void *src, size_t bytes, size_t distance)
{
	const word *s = src;
	const word *end = s + bytes / sizeof(*s);
	uint64_t a = 0;
	uint64_t b = 0;

	(void)distance;
	for (; s != end; s += 4) {
		ADD_WORD(a, s[0]);
		ADD_WORD(b, s[1]);
		ADD_WORD(a, s[2]);
		ADD_WORD(b, s[3]);
	}
	ADD_WORD(a, b);
	return a;
}

/* Only the first eight bytes of every line: what reading costs when nothing else is done. */
static uint64_t read_line(const void *src, size_t bytes, size_t distance)
{
	const word *s = src;
	const word *end = s + bytes / sizeof(*s);
	uint64_t a = 0;

	(void)distance;
	for (; s != end; s += LINE / sizeof(*s))
		ADD_WORD(a, *s);
	return a;
}

/* Only the first eight bytes of every 4 KiB: a translation for each of them. */
static uint64_t read_page(const void *src, size_t bytes, size_t distance)
{
	const char *end = (const char *)src + bytes;
	uint64_t a = 0;

	(void)distance;
	for (const char *s = src; s < end; s += PAGE)
		ADD_WORD(a, *(const word *)s);
	return a;
}

#define WAY_LAST(...)  ((uintptr_t)(&(const struct way){__VA_ARGS__}))
#define WAY(read, ...) WAY_LAST(read, __VA_ARGS__, 0)

static const struct variant variants[] = {
        {"scalar", "64-bit loads", -1, WAY(read_scalar, 8, 8, 1)},
        {"line", "one 64-bit load of every line", -1, WAY(read_line, 1, 8, 1)},
        {"page", "one 64-bit load of every 4 KiB", -1, WAY(read_page, 1, PAGE / 8, 1)},
        {"random", "whole lines in random order, each independent of the others: 128-bit loads",
         CPU_SSE2, WAY(read_random, 8, 8, 1)},
        {"sse2", "128-bit loads", CPU_SSE2, WAY(read_sse2, 8, 8, 1)},
        {"sse41_nt", "128-bit MOVNTDQA", CPU_SSE41, WAY(read_sse41_nt, 8, 8, 16)},
        {"avx2", "256-bit loads", CPU_AVX2, WAY(read_avx2, 8, 8, 1)},
        {"avx2_load", "256-bit loads, and nothing else", CPU_AVX2,
         WAY_LAST(read_avx2_load, 8, 8, 1, 32)},
        {"avx2_t0", "256-bit loads, prefetched by PREFETCHT0", CPU_AVX2,
         WAY(read_avx2_t0, 8, 8, 1)},
        {"avx2_nta", "the same, prefetched by PREFETCHNTA", CPU_AVX2, WAY(read_avx2_nta, 8, 8, 1)},
        {"avx2_nt", "256-bit VMOVNTDQA", CPU_AVX2, WAY(read_avx2_nt, 8, 8, 32)},
        {"avx2_back", "256-bit loads from the end to the beginning", CPU_AVX2,
         WAY(read_avx2_back, 8, 8, 1)},
        {"avx2_pages", "256-bit loads, the same line of eight pages in turn", CPU_AVX2,
         WAY(read_avx2_pages, 8, 8, 1)},
        {"avx512", "512-bit loads", CPU_AVX512F, WAY(read_avx512, 8, 8, 1)},
        {"avx512_load", "512-bit loads, and nothing else", CPU_AVX512F,
         WAY_LAST(read_avx512_load, 8, 8, 1, 64)},
        {"avx512_pages", "512-bit loads, the same line of eight pages in turn", CPU_AVX512F,
         WAY(read_avx512_pages, 8, 8, 1)},
        {"avx512_t0", "512-bit loads, prefetched by PREFETCHT0", CPU_AVX512F,
         WAY(read_avx512_t0, 8, 8, 1)},
        {"avx512_nta", "the same, prefetched by PREFETCHNTA", CPU_AVX512F,
         WAY(read_avx512_nta, 8, 8, 1)},
};

/* What one thread has found; a cache line of its own. */
struct reader {
	uint64_t sum; /* of the results of all iterations */
	uint64_t iterations;
} __attribute__((aligned(64)));

struct state {
	struct buffers buffers;
	const struct way *way;
	size_t distance;
	unsigned threads;
	struct reader *readers;
};

static const struct way *way_of(const struct cell *cell)
{
	return (const struct way *)cell->variant->value; /* NOLINT(performance-no-int-to-ptr) */
}

static struct buffers_spec arrays(const struct cell *cell)
{
	return (struct buffers_spec){.count = 1, .offset = {cell_axis(cell, "src_offset")}};
}

static uint64_t read_footprint(const struct cell *cell)
{
	struct buffers_spec spec = arrays(cell);

	return buffers_footprint(cell, &spec);
}

static int read_probe(const struct setup *setup, struct err *e)
{
	const struct cell *cell = setup->cell;
	size_t alignment = way_of(cell)->alignment;
	uint64_t offset = cell_axis(cell, "src_offset");

	if (offset % alignment)
		return err_set(
		        e, ENOTSUP,
		        "read/%s loads from multiples of %zu bytes, and src_offset is %" PRIu64,
		        cell->variant->name, alignment, offset);
	return 0;
}

static void read_teardown(void *state)
{
	struct state *s = state;

	buffers_close(&s->buffers);
	free(s->readers);
	free(s);
}

static int read_setup(const struct setup *setup, void **state, struct err *e)
{
	const struct cell *cell = setup->cell;
	struct buffers_spec spec = arrays(cell);
	struct state *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of read");
	s->way = way_of(cell);
	s->distance = cell_axis(cell, "distance");
	s->threads = cell->threads;
	s->readers = aligned_alloc(sizeof(*s->readers), cell->threads * sizeof(*s->readers));
	if (!s->readers) {
		read_teardown(s);
		return err_set(e, ENOMEM, "no memory for the sums of %u threads", cell->threads);
	}
	memset(s->readers, 0, cell->threads * sizeof(*s->readers));
	rc = buffers_open(setup, &spec, &s->buffers, e);
	if (rc) {
		read_teardown(s);
		return rc;
	}
	*state = s;
	return 0;
}

static void read_run(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;
	const void *src = buffers_slice(&s->buffers, 0, thread);
	uint64_t sum = 0;

	for (uint64_t i = 0; i < iterations; i++)
		sum += s->way->read(src, s->buffers.slice, s->distance);
	s->readers[thread].sum += sum;
	s->readers[thread].iterations += iterations;
}

static uint64_t read_nothing(const void *src, size_t bytes, size_t distance)
{
	(void)src;
	(void)bytes;
	(void)distance;
	KEEP();
	return 0;
}

static void read_baseline(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;
	read_function *volatile function = read_nothing;
	read_function *nothing = function;
	const void *src = buffers_slice(&s->buffers, 0, thread);
	uint64_t sum = 0;

	for (uint64_t i = 0; i < iterations; i++)
		sum += nothing(src, s->buffers.slice, s->distance);
	s->readers[thread].sum += sum;
}

/* What one pass of `way` over `count` words must find, one word after the other. */
static uint64_t expected(const struct way *way, const word *words, size_t count)
{
	uint64_t lines = count / 8;
	uint64_t state = 0;
	uint64_t sum = 0;

	if (way->read != read_random) {
		for (size_t i = way->last ? count - way->last : 0; i < count; i++)
			sum ^= i % way->of < way->words ? words[i] : 0;
		return sum;
	}
	for (uint64_t i = 0; i < lines; i++) {
		const word *line = words + 8 * random_line(&state, lines);

		for (size_t j = 0; j < 8; j++)
			sum ^= line[j];
	}
	return sum;
}

/* Every iteration must have found what is found now. */
static int read_verify(void *state, struct err *e)
{
	const struct state *s = state;

	for (unsigned t = 0; t < s->threads; t++) {
		const word *words = buffers_slice(&s->buffers, 0, t);
		uint64_t once = expected(s->way, words, s->buffers.slice / sizeof(*words));

		if (!s->readers[t].iterations)
			return err_set(e, EIO, "thread %u has read nothing", t);
		if (s->readers[t].sum != once * s->readers[t].iterations)
			return err_set(e, EIO, "the words that thread %u has read do not add up",
			               t);
	}
	return 0;
}

static void read_traffic(const struct cell *cell, struct traffic *traffic)
{
	const struct way *way = way_of(cell);
	uint64_t slice = cell->size / cell->threads / sizeof(word);
	/* A part that is no whole number of `of` begins with the words, too. */
	uint64_t words = (slice + way->of - 1) / way->of * way->words;

	*traffic = (struct traffic){.read = words * sizeof(word) * cell->threads};
}

static const uint64_t sizes[] = {4 << 10,  32 << 10, 256 << 10, 1 << 20, 4 << 20,
                                 16 << 20, 64 << 20, 256 << 20, 1 << 30, 0};

static const struct axis axes[] = {
        {"src_offset", "bytes from a page boundary to the source", 0, 4095,
         (const uint64_t[]){0, AXIS_END}},
        {"distance", "bytes that the _t0 and _nta variants prefetch ahead", 64, 1 << 20,
         (const uint64_t[]){512, AXIS_END}},
};

const struct kernel kernel_read = {
        .name = "read",
        .summary = "Reads an array of the given size, again and again; every thread its own part. "
                   "An iteration is one pass over the whole array.",
        .unit = UNIT_BANDWIDTH,
        .flags = KERNEL_MEMORY | KERNEL_THREADS,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .sizes = sizes,
        .axes = axes,
        .axis_count = sizeof(axes) / sizeof(axes[0]),
        .footprint = read_footprint,
        .check = buffers_check,
        .probe = read_probe,
        .setup = read_setup,
        .run = read_run,
        .baseline = read_baseline,
        .verify = read_verify,
        .traffic = read_traffic,
        .teardown = read_teardown,
};
