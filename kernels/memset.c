/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <immintrin.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/mem_random.h"
#include "kernels/buffers.h"

#define LINE 64UL

/* Set `bytes`, a multiple of BUFFERS_STEP, to `value`. */
typedef void set_function(void *dst, uint8_t value, size_t bytes);

/* How one variant sets. */
struct way {
	set_function *set;
	size_t alignment; /* that its stores demand of the destination, in bytes */
	unsigned traits;
	unsigned written; /* bytes that it sets at the beginning of every line; 0 is all of it */
};
enum {
	ALLOCATES = 1, /* its stores are assumed to read the line that they overwrite */
	ZERO_ONLY = 2  /* it can write nothing but zeros */
};

/* Keeps the compiler from turning a loop into a call of memset, or two turns into one. */
#define KEEP() __asm__ volatile("" ::: "memory")

static void set_libc(void *dst, uint8_t value, size_t bytes)
{
	memset(dst, value, bytes);
}

static void set_rep_stosb(void *dst, uint8_t value, size_t bytes)
{
	__asm__ volatile("rep stosb" : "+D"(dst), "+c"(bytes) : "a"(value) : "memory");
}

/* `value` in each of eight bytes. */
static uint64_t eight(uint8_t value)
{
	return value * 0x0101010101010101ULL;
}

static void set_rep_stosq(void *dst, uint8_t value, size_t bytes)
{
	size_t words = bytes / 8;

	__asm__ volatile("rep stosq" : "+D"(dst), "+c"(words) : "a"(eight(value)) : "memory");
}

/* Four stores a turn of one, two, four or eight bytes each, as plain C without vectors does. */
#define SET_SCALAR(name, word, store)                                                              \
	static void name(void *dst, uint8_t value, size_t bytes)                                   \
	{                                                                                          \
		word *d = dst;                                                                     \
		const word *end = d + bytes / sizeof(word);                                        \
		word v = (word)eight(value);                                                       \
                                                                                                   \
		for (; d != end; d += 4) {                                                         \
			__asm__ volatile(store " %4, %0\n\t" store " %4, %1\n\t" store             \
			                       " %4, %2\n\t" store " %4, %3"                       \
			                 : "=m"(d[0]), "=m"(d[1]), "=m"(d[2]), "=m"(d[3])          \
			                 : "r"(v)                                                  \
			                 : "memory");                                              \
		}                                                                                  \
	}

SET_SCALAR(set_scalar8, uint8_t, "movb")
SET_SCALAR(set_scalar16, uint16_t, "movw")
SET_SCALAR(set_scalar32, uint32_t, "movl")
SET_SCALAR(set_scalar, uint64_t, "movq")

/* The vector loops: four vectors a turn, whole cache lines; `finish` after the last turn. */
#define SET_VECTORS(name, isa, vector, broadcast, store, finish)                                   \
	__attribute__((target(isa))) static void name(void *dst, uint8_t value, size_t bytes)      \
	{                                                                                          \
		vector *d = dst;                                                                   \
		const vector *end = d + bytes / sizeof(vector);                                    \
		vector v = broadcast;                                                              \
                                                                                                   \
		for (; d != end; d += 4) {                                                         \
			store((void *)d, v);                                                       \
			store((void *)(d + 1), v);                                                 \
			store((void *)(d + 2), v);                                                 \
			store((void *)(d + 3), v);                                                 \
			KEEP();                                                                    \
		}                                                                                  \
		finish;                                                                            \
	}

#define NOTHING ((void)0)

SET_VECTORS(set_sse2, "sse2", __m128i_u, _mm_set1_epi8((char)value), _mm_storeu_si128, NOTHING)
SET_VECTORS(set_sse2_nt, "sse2", __m128i_u, _mm_set1_epi8((char)value), _mm_stream_si128,
            _mm_sfence())
SET_VECTORS(set_avx2, "avx2", __m256i_u, _mm256_set1_epi8((char)value), _mm256_storeu_si256,
            NOTHING)
SET_VECTORS(set_avx2_nt, "avx2", __m256i_u, _mm256_set1_epi8((char)value), _mm256_stream_si256,
            _mm_sfence())
SET_VECTORS(set_avx512, "avx512f", __m512i_u, _mm512_set1_epi64((long long)eight(value)),
            _mm512_storeu_si512, NOTHING)
SET_VECTORS(set_avx512_nt, "avx512f", __m512i_u, _mm512_set1_epi64((long long)eight(value)),
            _mm512_stream_si512, _mm_sfence())

#define PAGE 4096UL

/*
 * The same line of eight pages in turn, as memcpy has it. What is left after whole groups of pages,
 * `rest` sets.
 */
#define SET_PAGES(name, isa, vector, broadcast, store, rest)                                       \
	__attribute__((target(isa))) static void name(void *dst, uint8_t value, size_t bytes)      \
	{                                                                                          \
		vector v = broadcast;                                                              \
		char *d = dst;                                                                     \
                                                                                                   \
		for (; bytes >= 8 * PAGE; bytes -= 8 * PAGE, d += 7 * PAGE) {                      \
			for (const char *end = d + PAGE; d != end; d += LINE) {                    \
				SET_LINE(store, v, d);                                             \
				SET_LINE(store, v, d + PAGE);                                      \
				SET_LINE(store, v, d + 2 * PAGE);                                  \
				SET_LINE(store, v, d + 3 * PAGE);                                  \
				SET_LINE(store, v, d + 4 * PAGE);                                  \
				SET_LINE(store, v, d + 5 * PAGE);                                  \
				SET_LINE(store, v, d + 6 * PAGE);                                  \
				SET_LINE(store, v, d + 7 * PAGE);                                  \
				KEEP();                                                            \
			}                                                                          \
		}                                                                                  \
		rest(d, value, bytes);                                                             \
	}

/* One vector of a whole line, or two of half a line. */
#define SET_LINE(store, v, at)                                                                     \
	store((void *)(at), v);                                                                    \
	if (sizeof(v) < LINE)                                                                      \
	store((void *)((at) + sizeof(v)), v)

SET_PAGES(set_avx2_nt_pages, "avx2", __m256i, _mm256_set1_epi8((char)value), _mm256_stream_si256,
          set_avx2_nt)
SET_PAGES(set_avx512_nt_pages, "avx512f", __m512i, _mm512_set1_epi64((long long)eight(value)),
          _mm512_stream_si512, set_avx512_nt)

/* The whole line by eight stores, past the caches (Intel SDM volume 2, MOVNTI). */
static void set_movnti(void *dst, uint8_t value, size_t bytes)
{
	long long *d = dst;
	const long long *end = d + bytes / sizeof(*d);

	for (; d != end; d += 8) {
		for (size_t i = 0; i < 8; i++)
			_mm_stream_si64(d + i, (long long)eight(value));
	}
	_mm_sfence();
}

/*
 * Only the first half of every line, past the caches: a buffer that is not full goes to memory in
 * parts, or has to fetch the rest (Intel optimization manual, "Write Combining").
 */
__attribute__((target("avx2"))) static void set_avx2_nt_half(void *dst, uint8_t value, size_t bytes)
{
	char *d = dst;
	const char *end = d + bytes;
	__m256i v = _mm256_set1_epi8((char)value);

	for (; d != end; d += 64)
		_mm256_stream_si256((void *)d, v);
	_mm_sfence();
}

/* A line a store, past the caches (Intel SDM volume 2, MOVDIR64B). */
__attribute__((target("movdir64b"))) static void set_movdir64b(void *dst, uint8_t value,
                                                               size_t bytes)
{
	_Alignas(64) uint64_t line[8];
	char *d = dst;

	for (size_t i = 0; i < 8; i++)
		line[i] = eight(value);
	for (size_t at = 0; at < bytes; at += 64)
		_movdir64b(d + at, line);
	_mm_sfence();
}

/* Eight bytes a store, past the caches (Intel SDM volume 2, MOVDIRI). */
__attribute__((target("movdiri"))) static void set_movdiri(void *dst, uint8_t value, size_t bytes)
{
	char *d = dst;

	for (size_t at = 0; at < bytes; at += 8)
		_directstoreu_u64(d + at, eight(value));
	_mm_sfence();
}

/* A line of zeros an instruction (AMD64 APM volume 3, CLZERO). */
static void set_clzero(void *dst, uint8_t value, size_t bytes)
{
	char *d = dst;

	(void)value;
	for (size_t at = 0; at < bytes; at += 64)
		__asm__ volatile("clzero" : : "a"(d + at) : "memory");
	_mm_sfence();
}

#define WAY(...) ((uintptr_t)(&(const struct way){__VA_ARGS__}))

/*
 * rep stos is assumed to allocate without reading: it invalidates the lines (Intel SDM volume 3,
 * "Out-of-Order Stores For String Operations"). What libc does hangs on the size and on CPUID's
 * cache leaves; it is counted as ordinary stores.
 */
static const struct variant variants[] = {
        {"libc", "memset of the C library", -1, WAY(set_libc, 1, ALLOCATES, 0)},
        {"rep_stosb", "REP STOSB", -1, WAY(set_rep_stosb, 1, 0, 0)},
        {"rep_stosq", "REP STOSQ", -1, WAY(set_rep_stosq, 1, 0, 0)},
        {"scalar8", "8-bit stores", -1, WAY(set_scalar8, 1, ALLOCATES, 0)},
        {"scalar16", "16-bit stores", -1, WAY(set_scalar16, 1, ALLOCATES, 0)},
        {"scalar32", "32-bit stores", -1, WAY(set_scalar32, 1, ALLOCATES, 0)},
        {"scalar", "64-bit stores", -1, WAY(set_scalar, 1, ALLOCATES, 0)},
        {"movnti", "64-bit non-temporal stores, SFENCE", CPU_SSE2, WAY(set_movnti, 8, 0, 0)},
        {"sse2", "128-bit stores", CPU_SSE2, WAY(set_sse2, 1, ALLOCATES, 0)},
        {"sse2_nt", "128-bit non-temporal stores, SFENCE", CPU_SSE2, WAY(set_sse2_nt, 16, 0, 0)},
        {"avx2", "256-bit stores", CPU_AVX2, WAY(set_avx2, 1, ALLOCATES, 0)},
        {"avx2_nt", "256-bit non-temporal stores, SFENCE", CPU_AVX2, WAY(set_avx2_nt, 32, 0, 0)},
        {"avx2_nt_pages", "the same, the same line of eight pages in turn", CPU_AVX2,
         WAY(set_avx2_nt_pages, 32, 0, 0)},
        {"avx2_nt_half", "256-bit non-temporal stores to one half of every line, SFENCE", CPU_AVX2,
         WAY(set_avx2_nt_half, 32, 0, 32)},
        {"avx512", "512-bit stores", CPU_AVX512F, WAY(set_avx512, 1, ALLOCATES, 0)},
        {"avx512_nt", "512-bit non-temporal stores, SFENCE", CPU_AVX512F,
         WAY(set_avx512_nt, 64, 0, 0)},
        {"avx512_nt_pages", "the same, the same line of eight pages in turn", CPU_AVX512F,
         WAY(set_avx512_nt_pages, 64, 0, 0)},
        {"movdiri", "64-bit direct stores, SFENCE", CPU_MOVDIRI, WAY(set_movdiri, 8, 0, 0)},
        {"movdir64b", "512-bit direct stores, SFENCE", CPU_MOVDIR64B, WAY(set_movdir64b, 64, 0, 0)},
        {"clzero", "CLZERO, SFENCE; zeros only", CPU_CLZERO, WAY(set_clzero, 64, ZERO_ONLY, 0)},
};

struct state {
	struct buffers buffers;
	set_function *set;
	uint8_t value;
	size_t written; /* bytes set at the beginning of every line */
};

static const struct way *way_of(const struct cell *cell)
{
	return (const struct way *)cell->variant->value;
}

static size_t written_of(const struct way *way)
{
	return way->written ? way->written : LINE;
}

static struct buffers_spec arrays(const struct cell *cell)
{
	return (struct buffers_spec){.count = 1, .offset = {cell_axis(cell, "dst_offset")}};
}

static uint64_t memset_footprint(const struct cell *cell)
{
	struct buffers_spec spec = arrays(cell);

	return buffers_footprint(cell, &spec);
}

static int memset_probe(const struct setup *setup, struct err *e)
{
	const struct cell *cell = setup->cell;
	const struct way *way = way_of(cell);
	uint64_t offset = cell_axis(cell, "dst_offset");

	if (offset % way->alignment)
		return err_set(
		        e, ENOTSUP,
		        "memset/%s stores to multiples of %zu bytes, and dst_offset is %" PRIu64,
		        cell->variant->name, way->alignment, offset);
	if ((way->traits & ZERO_ONLY) && cell->fill != MEM_ZERO)
		return err_set(e, ENOTSUP, "memset/%s can write only zeros: ask for --fill zero",
		               cell->variant->name);
	return 0;
}

/* The byte that is written: of the fill, or one other than those by chance. */
static uint8_t value_of(const struct setup *setup)
{
	struct mem_random random;

	if (setup->cell->fill == MEM_ZERO)
		return 0;
	if (setup->cell->fill == MEM_ONE)
		return 1;
	mem_random_seed(&random, setup->seed);
	return (uint8_t)(2 + mem_random_below(&random, 254));
}

static int memset_setup(const struct setup *setup, void **state, struct err *e)
{
	struct buffers_spec spec = arrays(setup->cell);
	struct state *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of memset");
	s->set = way_of(setup->cell)->set;
	s->value = value_of(setup);
	s->written = written_of(way_of(setup->cell));
	rc = buffers_open(setup, &spec, &s->buffers, e);
	if (rc) {
		free(s);
		return rc;
	}
	/* Random whatever the fill, so that a set which did not happen shows. */
	mem_fill(s->buffers.start[0], s->buffers.bytes, MEM_RANDOM, setup->seed);
	*state = s;
	return 0;
}

static void memset_run(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;
	void *dst = buffers_slice(&s->buffers, 0, thread);

	for (uint64_t i = 0; i < iterations; i++)
		s->set(dst, s->value, s->buffers.slice);
}

static void set_nothing(void *dst, uint8_t value, size_t bytes)
{
	(void)dst;
	(void)value;
	(void)bytes;
	KEEP();
}

static void memset_baseline(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;
	set_function *volatile function = set_nothing;
	set_function *set = function;
	void *dst = buffers_slice(&s->buffers, 0, thread);

	for (uint64_t i = 0; i < iterations; i++)
		set(dst, s->value, s->buffers.slice);
}

static int memset_verify(void *state, struct err *e)
{
	const struct state *s = state;
	const uint8_t *dst = (const uint8_t *)s->buffers.start[0];

	if (dst[0] == s->value && !memcmp(dst, dst + 1, s->buffers.bytes - 1))
		return 0;
	for (size_t i = 0; i < s->buffers.bytes; i++) {
		if (i % LINE < s->written && dst[i] != s->value)
			return err_set(e, EIO, "byte %zu of %zu was not set", i, s->buffers.bytes);
	}
	return 0;
}

static void memset_traffic(const struct cell *cell, struct traffic *traffic)
{
	const struct way *way = way_of(cell);

	traffic->read = 0;
	traffic->written = cell->size / LINE * written_of(way);
	traffic->allocate = way->traits & ALLOCATES ? cell->size : 0;
}

static void memset_teardown(void *state)
{
	struct state *s = state;

	buffers_close(&s->buffers);
	free(s);
}

static const uint64_t sizes[] = {4 << 10,  32 << 10, 256 << 10, 1 << 20, 4 << 20,
                                 16 << 20, 64 << 20, 256 << 20, 1 << 30, 0};

static const struct axis axes[] = {
        {"dst_offset", "bytes from a page boundary to the destination", 0, 4095,
         (const uint64_t[]){0, AXIS_END}},
};

const struct kernel kernel_memset = {
        .name = "memset",
        .summary =
                "Sets an array of the given size to one byte (of --fill), again and again; every "
                "thread its own part. An iteration is one set of the whole array.",
        .unit = UNIT_BANDWIDTH,
        .flags = KERNEL_MEMORY | KERNEL_THREADS,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .sizes = sizes,
        .axes = axes,
        .axis_count = sizeof(axes) / sizeof(axes[0]),
        .footprint = memset_footprint,
        .check = buffers_check,
        .probe = memset_probe,
        .setup = memset_setup,
        .run = memset_run,
        .baseline = memset_baseline,
        .verify = memset_verify,
        .traffic = memset_traffic,
        .teardown = memset_teardown,
};
