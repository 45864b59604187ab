/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <immintrin.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/mem_random.h"
#include "kernels/buffers.h"

/*
 * Copy `bytes`, a multiple of BUFFERS_STEP, between arrays that do not overlap. `distance` is how
 * far ahead, in bytes, the prefetching variants ask for the source.
 */
typedef void copy_function(void *dst, const void *src, size_t bytes, size_t distance);

/* How one variant copies. */
struct way {
	copy_function *copy;
	size_t alignment; /* that its stores demand of the destination, in bytes */
	bool allocates;   /* its stores are assumed to read the line that they overwrite */
};

/* Keeps the compiler from turning a loop into a call of memcpy, or two turns into one. */
#define KEEP() __asm__ volatile("" ::: "memory")

static void copy_libc(void *dst, const void *src, size_t bytes, size_t distance)
{
	(void)distance;
	memcpy(dst, src, bytes);
}

/* The C library's copy for arrays that may overlap; these do not. */
static void copy_libc_memmove(void *dst, const void *src, size_t bytes, size_t distance)
{
	(void)distance;
	memmove(dst, src, bytes);
}

static void copy_rep_movsb(void *dst, const void *src, size_t bytes, size_t distance)
{
	(void)distance;
	__asm__ volatile("rep movsb" : "+D"(dst), "+S"(src), "+c"(bytes) : : "memory");
}

static void copy_rep_movsq(void *dst, const void *src, size_t bytes, size_t distance)
{
	size_t words = bytes / 8;

	(void)distance;
	__asm__ volatile("rep movsq" : "+D"(dst), "+S"(src), "+c"(words) : : "memory");
}

/*
 * The vector loops: four vectors a turn, whole cache lines. `ahead` stands before the loads of a
 * turn, `finish` after the last turn.
 */
#define COPY_FORWARD(name, isa, vector, load, store, ahead, finish)                                \
	__attribute__((target(isa))) static void name(void *dst, const void *src, size_t bytes,    \
	                                              size_t distance)                             \
	{                                                                                          \
		vector *d = dst;                                                                   \
		const vector *s = src;                                                             \
		const vector *end = s + bytes / sizeof(vector);                                    \
                                                                                                   \
		(void)distance;                                                                    \
		for (; s != end; s += 4, d += 4) {                                                 \
			ahead;                                                                     \
			vector v0 = load(s);                                                       \
			vector v1 = load(s + 1);                                                   \
			vector v2 = load(s + 2);                                                   \
			vector v3 = load(s + 3);                                                   \
			store((void *)d, v0);                                                      \
			store((void *)(d + 1), v1);                                                \
			store((void *)(d + 2), v2);                                                \
			store((void *)(d + 3), v3);                                                \
			KEEP();                                                                    \
		}                                                                                  \
		finish;                                                                            \
	}

/* The lines of the turn that lies `distance` ahead; beyond the end a prefetch is ignored. */
#define PREFETCH(hint)                                                                             \
	for (size_t line = 0; line < 4 * sizeof(*s); line += 64)                                   \
	_mm_prefetch((const char *)s + distance + line, hint)

#define NOTHING ((void)0)

COPY_FORWARD(copy_sse2, "sse2", __m128i_u, _mm_loadu_si128, _mm_storeu_si128, NOTHING, NOTHING)
COPY_FORWARD(copy_sse2_nt, "sse2", __m128i_u, _mm_loadu_si128, _mm_stream_si128, NOTHING,
             _mm_sfence())
COPY_FORWARD(copy_sse2_t0, "sse2", __m128i_u, _mm_loadu_si128, _mm_storeu_si128,
             PREFETCH(_MM_HINT_T0), NOTHING)
COPY_FORWARD(copy_sse2_nta, "sse2", __m128i_u, _mm_loadu_si128, _mm_storeu_si128,
             PREFETCH(_MM_HINT_NTA), NOTHING)

COPY_FORWARD(copy_avx2, "avx2", __m256i_u, _mm256_loadu_si256, _mm256_storeu_si256, NOTHING,
             NOTHING)
COPY_FORWARD(copy_avx2_nt, "avx2", __m256i_u, _mm256_loadu_si256, _mm256_stream_si256, NOTHING,
             _mm_sfence())
COPY_FORWARD(copy_avx2_t0, "avx2", __m256i_u, _mm256_loadu_si256, _mm256_storeu_si256,
             PREFETCH(_MM_HINT_T0), NOTHING)
COPY_FORWARD(copy_avx2_nta, "avx2", __m256i_u, _mm256_loadu_si256, _mm256_storeu_si256,
             PREFETCH(_MM_HINT_NTA), NOTHING)

COPY_FORWARD(copy_avx512, "avx512f", __m512i_u, _mm512_loadu_si512, _mm512_storeu_si512, NOTHING,
             NOTHING)
COPY_FORWARD(copy_avx512_nt, "avx512f", __m512i_u, _mm512_loadu_si512, _mm512_stream_si512, NOTHING,
             _mm_sfence())
COPY_FORWARD(copy_avx512_t0, "avx512f", __m512i_u, _mm512_loadu_si512, _mm512_storeu_si512,
             PREFETCH(_MM_HINT_T0), NOTHING)
COPY_FORWARD(copy_avx512_nta, "avx512f", __m512i_u, _mm512_loadu_si512, _mm512_storeu_si512,
             PREFETCH(_MM_HINT_NTA), NOTHING)

#define PAGE 4096UL

/* A line of each of eight pages; all loads stand before the stores. */
__attribute__((target("avx512f"), always_inline)) static inline void
stream_8_lines_avx512(char *d, const char *s)
{
	__m512i v0 = _mm512_loadu_si512(s + 0 * PAGE);
	__m512i v1 = _mm512_loadu_si512(s + 1 * PAGE);
	__m512i v2 = _mm512_loadu_si512(s + 2 * PAGE);
	__m512i v3 = _mm512_loadu_si512(s + 3 * PAGE);
	__m512i v4 = _mm512_loadu_si512(s + 4 * PAGE);
	__m512i v5 = _mm512_loadu_si512(s + 5 * PAGE);
	__m512i v6 = _mm512_loadu_si512(s + 6 * PAGE);
	__m512i v7 = _mm512_loadu_si512(s + 7 * PAGE);
	_mm512_stream_si512((void *)(d + 0 * PAGE), v0);
	_mm512_stream_si512((void *)(d + 1 * PAGE), v1);
	_mm512_stream_si512((void *)(d + 2 * PAGE), v2);
	_mm512_stream_si512((void *)(d + 3 * PAGE), v3);
	_mm512_stream_si512((void *)(d + 4 * PAGE), v4);
	_mm512_stream_si512((void *)(d + 5 * PAGE), v5);
	_mm512_stream_si512((void *)(d + 6 * PAGE), v6);
	_mm512_stream_si512((void *)(d + 7 * PAGE), v7);
}

/* The same, a line being two vectors. */
__attribute__((target("avx2"), always_inline)) static inline void stream_8_lines_avx2(char *d,
                                                                                      const char *s)
{
	for (const char *end = s + 8 * PAGE; s != end; s += PAGE, d += PAGE) {
		__m256i v0 = _mm256_loadu_si256((const void *)s);
		__m256i v1 = _mm256_loadu_si256((const void *)(s + 32));

		_mm256_stream_si256((void *)d, v0);
		_mm256_stream_si256((void *)(d + 32), v1);
	}
}

/*
 * A line from each of eight pages in turn: more pages are under way at once than the processor's
 * prefetchers would open by themselves. What is left after whole groups of pages, `rest` copies.
 */
#define COPY_PAGES(name, isa, stream_8_lines, rest)                                                \
	__attribute__((target(isa))) static void name(void *dst, const void *src, size_t bytes,    \
	                                              size_t distance)                             \
	{                                                                                          \
		char *d = dst;                                                                     \
		const char *s = src;                                                               \
                                                                                                   \
		for (; bytes >= 8 * PAGE; bytes -= 8 * PAGE) {                                     \
			for (size_t line = 0; line < PAGE; line += 64, d += 64, s += 64) {         \
				stream_8_lines(d, s);                                              \
				KEEP();                                                            \
			}                                                                          \
			d += 7 * PAGE;                                                             \
			s += 7 * PAGE;                                                             \
		}                                                                                  \
		rest(d, s, bytes, distance);                                                       \
	}

COPY_PAGES(copy_avx2_nt_pages, "avx2", stream_8_lines_avx2, copy_avx2_nt)
COPY_PAGES(copy_avx512_nt_pages, "avx512f", stream_8_lines_avx512, copy_avx512_nt)

/* What fits in the first-level cache beside what is on its way to it. */
#define BLOCK 4096UL

/* The way out of a block; the fence comes after the last one. */
COPY_FORWARD(copy_avx2_nt_out, "avx2", __m256i_u, _mm256_loadu_si256, _mm256_stream_si256, NOTHING,
             NOTHING)

/*
 * A block into a buffer that stays in the first-level cache, and from there to its place: memory
 * is only read for a while, and then only written.
 */
#define COPY_2PASS(name, isa, in, out, finish)                                                     \
	__attribute__((target(isa))) static void name(void *dst, const void *src, size_t bytes,    \
	                                              size_t distance)                             \
	{                                                                                          \
		_Alignas(64) char block[BLOCK];                                                    \
		const char *s = src;                                                               \
		char *d = dst;                                                                     \
                                                                                                   \
		while (bytes) {                                                                    \
			size_t part = bytes < BLOCK ? bytes : BLOCK;                               \
                                                                                                   \
			in(block, s, part, distance);                                              \
			out(d, block, part, distance);                                             \
			s += part;                                                                 \
			d += part;                                                                 \
			bytes -= part;                                                             \
		}                                                                                  \
		finish;                                                                            \
	}

COPY_2PASS(copy_avx2_2pass, "avx2", copy_avx2, copy_avx2, NOTHING)
COPY_2PASS(copy_avx2_2pass_nt, "avx2", copy_avx2, copy_avx2_nt_out, _mm_sfence())

/* From the last line to the first. */
__attribute__((target("avx2"))) static void copy_avx2_back(void *dst, const void *src, size_t bytes,
                                                           size_t distance)
{
	const __m256i_u *begin = src;
	const __m256i_u *s = begin + bytes / sizeof(*s);
	__m256i_u *d = (__m256i_u *)dst + bytes / sizeof(*d);

	(void)distance;
	while (s != begin) {
		s -= 4;
		d -= 4;
		__m256i v3 = _mm256_loadu_si256(s + 3);
		__m256i v2 = _mm256_loadu_si256(s + 2);
		__m256i v1 = _mm256_loadu_si256(s + 1);
		__m256i v0 = _mm256_loadu_si256(s);
		_mm256_storeu_si256(d + 3, v3);
		_mm256_storeu_si256(d + 2, v2);
		_mm256_storeu_si256(d + 1, v1);
		_mm256_storeu_si256(d, v0);
		KEEP();
	}
}

/* Eight bytes at a time, as plain C without vectors does. */
static void copy_scalar(void *dst, const void *src, size_t bytes, size_t distance)
{
	size_t at = 0;
	uint64_t a, b;

	(void)distance;
	__asm__ volatile("1:\n\t"
	                 "movq (%[src],%[at]), %[a]\n\t"
	                 "movq 8(%[src],%[at]), %[b]\n\t"
	                 "movq %[a], (%[dst],%[at])\n\t"
	                 "movq %[b], 8(%[dst],%[at])\n\t"
	                 "addq $16, %[at]\n\t"
	                 "cmpq %[bytes], %[at]\n\t"
	                 "jne 1b"
	                 : [at] "+r"(at), [a] "=&r"(a), [b] "=&r"(b)
	                 : [src] "r"(src), [dst] "r"(dst), [bytes] "r"(bytes)
	                 : "memory", "cc");
}

/* A line a store, past the caches (Intel SDM volume 2, MOVDIR64B). */
__attribute__((target("movdir64b"))) static void copy_movdir64b(void *dst, const void *src,
                                                                size_t bytes, size_t distance)
{
	char *d = dst;
	const char *s = src;

	(void)distance;
	for (size_t at = 0; at < bytes; at += 64)
		_movdir64b(d + at, s + at);
	_mm_sfence();
}

#define WAY(...) ((uintptr_t)(&(const struct way){__VA_ARGS__}))

/*
 * rep movs is assumed to allocate without reading: it invalidates the destination's lines (Intel
 * SDM volume 3, "Out-of-Order Stores For String Operations"). What libc does hangs on the size and
 * on CPUID's cache leaves; it is counted as ordinary stores.
 */
static const struct variant variants[] = {
        {"libc", "memcpy of the C library", -1, WAY(copy_libc, 1, true)},
        {"libc_memmove", "memmove of the C library", -1, WAY(copy_libc_memmove, 1, true)},
        {"rep_movsb", "REP MOVSB", -1, WAY(copy_rep_movsb, 1, false)},
        {"rep_movsq", "REP MOVSQ", -1, WAY(copy_rep_movsq, 1, false)},
        {"scalar", "64-bit loads and stores", -1, WAY(copy_scalar, 1, true)},
        {"sse2", "128-bit loads and stores", CPU_SSE2, WAY(copy_sse2, 1, true)},
        {"sse2_t0", "the same, source prefetched by PREFETCHT0", CPU_SSE2,
         WAY(copy_sse2_t0, 1, true)},
        {"sse2_nta", "the same, source prefetched by PREFETCHNTA", CPU_SSE2,
         WAY(copy_sse2_nta, 1, true)},
        {"sse2_nt", "128-bit loads and non-temporal stores, SFENCE", CPU_SSE2,
         WAY(copy_sse2_nt, 16, false)},
        {"avx2", "256-bit loads and stores", CPU_AVX2, WAY(copy_avx2, 1, true)},
        {"avx2_t0", "the same, source prefetched by PREFETCHT0", CPU_AVX2,
         WAY(copy_avx2_t0, 1, true)},
        {"avx2_nta", "the same, source prefetched by PREFETCHNTA", CPU_AVX2,
         WAY(copy_avx2_nta, 1, true)},
        {"avx2_nt", "256-bit loads and non-temporal stores, SFENCE", CPU_AVX2,
         WAY(copy_avx2_nt, 32, false)},
        {"avx2_nt_pages", "the same, a line from each of eight pages in turn", CPU_AVX2,
         WAY(copy_avx2_nt_pages, 32, false)},
        {"avx2_2pass", "256-bit loads and stores by way of a buffer of 4 KiB", CPU_AVX2,
         WAY(copy_avx2_2pass, 1, true)},
        {"avx2_2pass_nt", "the same, non-temporal stores from the buffer, SFENCE", CPU_AVX2,
         WAY(copy_avx2_2pass_nt, 32, false)},
        {"avx2_back", "256-bit loads and stores from the end to the beginning", CPU_AVX2,
         WAY(copy_avx2_back, 1, true)},
        {"avx512", "512-bit loads and stores", CPU_AVX512F, WAY(copy_avx512, 1, true)},
        {"avx512_t0", "the same, source prefetched by PREFETCHT0", CPU_AVX512F,
         WAY(copy_avx512_t0, 1, true)},
        {"avx512_nta", "the same, source prefetched by PREFETCHNTA", CPU_AVX512F,
         WAY(copy_avx512_nta, 1, true)},
        {"avx512_nt", "512-bit loads and non-temporal stores, SFENCE", CPU_AVX512F,
         WAY(copy_avx512_nt, 64, false)},
        {"avx512_nt_pages", "the same, a line from each of eight pages in turn", CPU_AVX512F,
         WAY(copy_avx512_nt_pages, 64, false)},
        {"movdir64b", "MOVDIR64B, SFENCE", CPU_MOVDIR64B, WAY(copy_movdir64b, 64, false)},
};

enum { SOURCE, DESTINATION };

struct state {
	struct buffers buffers;
	copy_function *copy;
	size_t distance;
};

static const struct way *way_of(const struct cell *cell)
{
	return (const struct way *)cell->variant->value;
}

static struct buffers_spec arrays(const struct cell *cell)
{
	return (struct buffers_spec){
	        .count = 2,
	        .offset = {[SOURCE] = cell_axis(cell, "src_offset"),
	                   [DESTINATION] = cell_axis(cell, "dst_offset")},
	};
}

static uint64_t memcpy_footprint(const struct cell *cell)
{
	struct buffers_spec spec = arrays(cell);

	return buffers_footprint(cell, &spec);
}

static int memcpy_probe(const struct setup *setup, struct err *e)
{
	const struct cell *cell = setup->cell;
	size_t alignment = way_of(cell)->alignment;
	uint64_t offset = cell_axis(cell, "dst_offset");

	if (offset % alignment)
		return err_set(
		        e, ENOTSUP,
		        "memcpy/%s stores to multiples of %zu bytes, and dst_offset is %" PRIu64,
		        cell->variant->name, alignment, offset);
	return 0;
}

static int memcpy_setup(const struct setup *setup, void **state, struct err *e)
{
	struct buffers_spec spec = arrays(setup->cell);
	struct state *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of memcpy");
	s->copy = way_of(setup->cell)->copy;
	s->distance = cell_axis(setup->cell, "distance");
	rc = buffers_open(setup, &spec, &s->buffers, e);
	if (rc) {
		free(s);
		return rc;
	}
	/* Other data than the source's whatever the fill, so that a copy which did not happen
	 * shows. */
	mem_fill(s->buffers.start[DESTINATION], s->buffers.bytes, MEM_RANDOM, ~setup->seed);
	*state = s;
	return 0;
}

static void memcpy_run(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;
	void *dst = buffers_slice(&s->buffers, DESTINATION, thread);
	const void *src = buffers_slice(&s->buffers, SOURCE, thread);

	for (uint64_t i = 0; i < iterations; i++)
		s->copy(dst, src, s->buffers.slice, s->distance);
}

static void copy_nothing(void *dst, const void *src, size_t bytes, size_t distance)
{
	(void)dst;
	(void)src;
	(void)bytes;
	(void)distance;
	KEEP();
}

static void memcpy_baseline(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;
	copy_function *volatile function = copy_nothing;
	copy_function *copy = function;
	void *dst = buffers_slice(&s->buffers, DESTINATION, thread);
	const void *src = buffers_slice(&s->buffers, SOURCE, thread);

	for (uint64_t i = 0; i < iterations; i++)
		copy(dst, src, s->buffers.slice, s->distance);
}

static int memcpy_verify(void *state, struct err *e)
{
	const struct state *s = state;
	const char *dst = s->buffers.start[DESTINATION];
	const char *src = s->buffers.start[SOURCE];

	if (!memcmp(dst, src, s->buffers.bytes))
		return 0;
	for (size_t i = 0; i < s->buffers.bytes; i++) {
		if (dst[i] != src[i])
			return err_set(e, EIO, "byte %zu of %zu was not copied", i,
			               s->buffers.bytes);
	}
	return 0;
}

static void memcpy_traffic(const struct cell *cell, struct traffic *traffic)
{
	traffic->read = cell->size;
	traffic->written = cell->size;
	traffic->allocate = way_of(cell)->allocates ? cell->size : 0;
}

static void memcpy_teardown(void *state)
{
	struct state *s = state;

	buffers_close(&s->buffers);
	free(s);
}

static const uint64_t sizes[] = {4 << 10,  32 << 10, 256 << 10, 1 << 20, 4 << 20,
                                 16 << 20, 64 << 20, 256 << 20, 1 << 30, 0};

static const struct axis axes[] = {
        {"src_offset", "bytes from a page boundary to the source", 0, 4095,
         (const uint64_t[]){0, AXIS_END}},
        {"dst_offset", "bytes from a page boundary to the destination", 0, 4095,
         (const uint64_t[]){0, AXIS_END}},
        {"distance", "bytes that the _t0 and _nta variants prefetch ahead", 64, 1 << 20,
         (const uint64_t[]){512, AXIS_END}},
};

const struct kernel kernel_memcpy = {
        .name = "memcpy",
        .summary =
                "Copies one array of the given size to another, again and again; every thread its "
                "own part. An iteration is one copy of the whole array.",
        .unit = UNIT_BANDWIDTH,
        .flags = KERNEL_MEMORY | KERNEL_THREADS,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .sizes = sizes,
        .axes = axes,
        .axis_count = sizeof(axes) / sizeof(axes[0]),
        .footprint = memcpy_footprint,
        .check = buffers_check,
        .probe = memcpy_probe,
        .setup = memcpy_setup,
        .run = memcpy_run,
        .baseline = memcpy_baseline,
        .verify = memcpy_verify,
        .traffic = memcpy_traffic,
        .teardown = memcpy_teardown,
};
