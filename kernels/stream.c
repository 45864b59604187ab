/* SPDX-License-Identifier: MIT */
/*
 * The four loops of J. McCalpin's STREAM (https://www.cs.virginia.edu/stream/), each measured
 * alone. The sources are never written, so that every element of the result can be checked at the
 * end.
 */
#include <errno.h>
#include <immintrin.h>
#include <math.h>
#include <stdlib.h>

#include "kernels/buffers.h"

#define FACTOR 3.0 /* STREAM's scalar */

/* d = operation(x, y) over `count` doubles, a multiple of BUFFERS_STEP / 8. */
typedef void stream_function(double *d, const double *x, const double *y, size_t count);

/* STREAM's arrays. */
enum { A, B, C };

/* copy: c = a, scale: b = q c, add: c = a + b, triad: a = b + q c. */
enum operation { COPY, SCALE, ADD, TRIAD };
static const struct {
	unsigned to, from, also; /* arrays; `also` is the second source */
	unsigned sources;
} operations[] = {[COPY] = {C, A, A, 1},
                  [SCALE] = {B, C, C, 1},
                  [ADD] = {C, A, B, 2},
                  [TRIAD] = {A, B, C, 2}};

/* How one variant does it. */
struct way {
	enum operation operation;
	stream_function *loop;
	bool allocates; /* its stores are assumed to read the line that they overwrite */
};

/* Keeps the compiler from turning a loop into a call of memcpy, or from changing its vectors. */
#define KEEP() __asm__ volatile("" ::: "memory")

#define PLAIN_LOOP(name, expression)                                                               \
	static void name(double *d, const double *x, const double *y, size_t count)                \
	{                                                                                          \
		(void)y;                                                                           \
		for (size_t i = 0; i < count; i++) {                                               \
			d[i] = (expression);                                                       \
			KEEP();                                                                    \
		}                                                                                  \
	}

PLAIN_LOOP(stream_copy, x[i])
PLAIN_LOOP(stream_scale, FACTOR *x[i])
PLAIN_LOOP(stream_add, x[i] + y[i])
PLAIN_LOOP(stream_triad, x[i] + FACTOR * y[i])

/* One vector of each operation's result; `p` is the prefix of the intrinsics. */
#define COPY_VECTOR(p, at)  p##loadu_pd(x + (at))
#define SCALE_VECTOR(p, at) p##mul_pd(factor, p##loadu_pd(x + (at)))
#define ADD_VECTOR(p, at)   p##add_pd(p##loadu_pd(x + (at)), p##loadu_pd(y + (at)))
#define TRIAD_VECTOR(p, at)                                                                        \
	p##add_pd(p##loadu_pd(x + (at)), p##mul_pd(factor, p##loadu_pd(y + (at))))

/* Four vectors of `n` doubles a turn; `finish` after the last turn. */
#define VECTOR_LOOP(name, isa, p, n, vector, store, finish)                                        \
	__attribute__((target(isa))) static void name(double *d, const double *x, const double *y, \
	                                              size_t count)                                \
	{                                                                                          \
		const __auto_type factor = p##set1_pd(FACTOR);                                     \
                                                                                                   \
		(void)factor;                                                                      \
		(void)y;                                                                           \
		for (size_t i = 0; i < count; i += 4 * (n)) {                                      \
			p##store(d + i, vector(p, i));                                             \
			p##store(d + i + (n), vector(p, i + (n)));                                 \
			p##store(d + i + 2 * (n), vector(p, i + 2 * (n)));                         \
			p##store(d + i + 3 * (n), vector(p, i + 3 * (n)));                         \
			KEEP();                                                                    \
		}                                                                                  \
		finish;                                                                            \
	}

#define VECTOR_LOOPS(suffix, isa, p, n, store, finish)                                             \
	VECTOR_LOOP(stream_copy_##suffix, isa, p, n, COPY_VECTOR, store, finish)                   \
	VECTOR_LOOP(stream_scale_##suffix, isa, p, n, SCALE_VECTOR, store, finish)                 \
	VECTOR_LOOP(stream_add_##suffix, isa, p, n, ADD_VECTOR, store, finish)                     \
	VECTOR_LOOP(stream_triad_##suffix, isa, p, n, TRIAD_VECTOR, store, finish)

VECTOR_LOOPS(avx2, "avx2", _mm256_, 4UL, storeu_pd, (void)0)
VECTOR_LOOPS(avx2_nt, "avx2", _mm256_, 4UL, stream_pd, _mm_sfence())
VECTOR_LOOPS(avx512, "avx512f", _mm512_, 8UL, storeu_pd, (void)0)
VECTOR_LOOPS(avx512_nt, "avx512f", _mm512_, 8UL, stream_pd, _mm_sfence())

#define WAY(...) ((uintptr_t)(&(const struct way){__VA_ARGS__}))

#define VARIANT(loop, what, needs, operation, allocates)                                           \
	{                                                                                          \
		.name = #loop, .summary = what, .feature = needs,                                  \
		.value = WAY(operation, stream_##loop, allocates)                                  \
	}

static const struct variant variants[] = {
        VARIANT(copy, "c = a, one double at a time", -1, COPY, true),
        VARIANT(copy_avx2, "c = a, 256-bit vectors", CPU_AVX2, COPY, true),
        VARIANT(copy_avx2_nt, "c = a, 256-bit non-temporal stores", CPU_AVX2, COPY, false),
        VARIANT(copy_avx512, "c = a, 512-bit vectors", CPU_AVX512F, COPY, true),
        VARIANT(copy_avx512_nt, "c = a, 512-bit non-temporal stores", CPU_AVX512F, COPY, false),
        VARIANT(scale, "b = q c, one double at a time", -1, SCALE, true),
        VARIANT(scale_avx2, "b = q c, 256-bit vectors", CPU_AVX2, SCALE, true),
        VARIANT(scale_avx2_nt, "b = q c, 256-bit non-temporal stores", CPU_AVX2, SCALE, false),
        VARIANT(scale_avx512, "b = q c, 512-bit vectors", CPU_AVX512F, SCALE, true),
        VARIANT(scale_avx512_nt, "b = q c, 512-bit non-temporal stores", CPU_AVX512F, SCALE, false),
        VARIANT(add, "c = a + b, one double at a time", -1, ADD, true),
        VARIANT(add_avx2, "c = a + b, 256-bit vectors", CPU_AVX2, ADD, true),
        VARIANT(add_avx2_nt, "c = a + b, 256-bit non-temporal stores", CPU_AVX2, ADD, false),
        VARIANT(add_avx512, "c = a + b, 512-bit vectors", CPU_AVX512F, ADD, true),
        VARIANT(add_avx512_nt, "c = a + b, 512-bit non-temporal stores", CPU_AVX512F, ADD, false),
        VARIANT(triad, "a = b + q c, one double at a time", -1, TRIAD, true),
        VARIANT(triad_avx2, "a = b + q c, 256-bit vectors", CPU_AVX2, TRIAD, true),
        VARIANT(triad_avx2_nt, "a = b + q c, 256-bit non-temporal stores", CPU_AVX2, TRIAD, false),
        VARIANT(triad_avx512, "a = b + q c, 512-bit vectors", CPU_AVX512F, TRIAD, true),
        VARIANT(triad_avx512_nt, "a = b + q c, 512-bit non-temporal stores", CPU_AVX512F, TRIAD,
                false),
};

static const struct buffers_spec arrays = {.count = 3};

struct state {
	struct buffers buffers;
	const struct way *way;
};

static const struct way *way_of(const struct cell *cell)
{
	return (const struct way *)cell->variant->value;
}

static uint64_t stream_footprint(const struct cell *cell)
{
	return buffers_footprint(cell, &arrays);
}

/* Any 64 bits are no number; their fractions with the exponent of [1, 2) are. */
static void make_numbers(const struct buffers *b)
{
	for (unsigned i = 0; i < b->count; i++) {
		uint64_t *bits = (void *)b->start[i];

		for (size_t j = 0; j < b->bytes / sizeof(*bits); j++)
			bits[j] = bits[j] >> 12 | 0x3ff0000000000000ULL;
	}
}

static int stream_setup(const struct setup *setup, void **state, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of stream");
	s->way = way_of(setup->cell);
	rc = buffers_open(setup, &arrays, &s->buffers, e);
	if (rc) {
		free(s);
		return rc;
	}
	if (setup->cell->fill == MEM_RANDOM)
		make_numbers(&s->buffers);
	/* Not the result of any operation, so that a loop which did not run shows. */
	mem_fill(s->buffers.start[operations[s->way->operation].to], s->buffers.bytes, MEM_RANDOM,
	         ~setup->seed);
	*state = s;
	return 0;
}

static double *slice(const struct state *s, unsigned array, unsigned thread)
{
	return buffers_slice(&s->buffers, array, thread);
}

static void repeat(const struct state *s, stream_function *loop, unsigned thread,
                   uint64_t iterations)
{
	enum operation o = s->way->operation;
	double *d = slice(s, operations[o].to, thread);
	const double *x = slice(s, operations[o].from, thread);
	const double *y = slice(s, operations[o].also, thread);

	for (uint64_t i = 0; i < iterations; i++)
		loop(d, x, y, s->buffers.slice / sizeof(*d));
}

static void stream_run(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;

	repeat(s, s->way->loop, thread, iterations);
}

static void stream_nothing(double *d, const double *x, const double *y, size_t count)
{
	(void)d;
	(void)x;
	(void)y;
	(void)count;
	KEEP();
}

static void stream_baseline(void *state, unsigned thread, uint64_t iterations)
{
	stream_function *volatile nothing = stream_nothing;

	repeat(state, nothing, thread, iterations);
}

static double expected(enum operation o, double x, double y)
{
	switch (o) {
	case COPY:
		return x;
	case SCALE:
		return FACTOR * x;
	case ADD:
		return x + y;
	case TRIAD:
		break;
	}
	return x + FACTOR * y;
}

/* STREAM's own tolerance for doubles: a fused multiply-add rounds once less. */
#define TOLERANCE 1e-13

static int stream_verify(void *state, struct err *e)
{
	const struct state *s = state;
	enum operation o = s->way->operation;
	const double *d = slice(s, operations[o].to, 0);
	const double *x = slice(s, operations[o].from, 0);
	const double *y = slice(s, operations[o].also, 0);

	for (size_t i = 0; i < s->buffers.bytes / sizeof(*d); i++) {
		double want = expected(o, x[i], y[i]);

		if (!(fabs(d[i] - want) <= TOLERANCE * fabs(want)))
			return err_set(e, EIO, "element %zu is %.17g instead of %.17g", i, d[i],
			               want);
	}
	return 0;
}

static void stream_traffic(const struct cell *cell, struct traffic *traffic)
{
	const struct way *way = way_of(cell);

	traffic->read = cell->size * operations[way->operation].sources;
	traffic->written = cell->size;
	traffic->allocate = way->allocates ? cell->size : 0;
}

static void stream_teardown(void *state)
{
	struct state *s = state;

	buffers_close(&s->buffers);
	free(s);
}

static const uint64_t sizes[] = {64 << 20, 256 << 20, 512 << 20, 0};

const struct kernel kernel_stream = {
        .name = "stream",
        .summary = "The loops of STREAM over three arrays of the given size each; every thread its "
                   "own part. An iteration is one pass over the arrays.",
        .unit = UNIT_BANDWIDTH,
        .flags = KERNEL_MEMORY | KERNEL_THREADS,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .sizes = sizes,
        .footprint = stream_footprint,
        .check = buffers_check,
        .setup = stream_setup,
        .run = stream_run,
        .baseline = stream_baseline,
        .verify = stream_verify,
        .traffic = stream_traffic,
        .teardown = stream_teardown,
};
