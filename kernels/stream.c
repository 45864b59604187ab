/* SPDX-License-Identifier: MIT */
/*
 * The four loops of J. McCalpin's STREAM (https://www.cs.virginia.edu/stream/), and three more that
 * such suites have: sum, dot and daxpy; each measured alone. The sources are never written, so that
 * every element of the result can be checked at the end.
 */
#include <errno.h>
#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/mem_random.h"
#include "kernels/buffers.h"

#define FACTOR 3.0 /* STREAM's scalar */

/*
 * d = operation(x, y) over `count` doubles, a multiple of BUFFERS_STEP / 8. Returns the result of
 * an operation that makes one number of all, 0 of the others.
 */
typedef double stream_function(double *d, const double *x, const double *y, size_t count);

/* STREAM's arrays. */
enum { A, B, C };

/*
 * copy: c = a, scale: b = q c, add: c = a + b, triad: a = b + q c; daxpy: a = a + q b; sum: of a;
 * dot: of a and b.
 */
enum operation { COPY, SCALE, ADD, TRIAD, DAXPY, SUM, DOT };
static const struct {
	unsigned to, from, also; /* arrays; `also` is the second source */
	unsigned read, written;  /* how many arrays */
} operations[] = {[COPY] = {C, A, A, 1, 1},  [SCALE] = {B, C, C, 1, 1}, [ADD] = {C, A, B, 2, 1},
                  [TRIAD] = {A, B, C, 2, 1}, [DAXPY] = {A, B, B, 2, 1}, [SUM] = {C, A, A, 1, 0},
                  [DOT] = {C, A, B, 2, 0}};

/* How one variant does it. */
struct way {
	enum operation operation;
	stream_function *loop;
	bool allocates; /* its stores are assumed to read the line that they overwrite */
};

/* Keeps the compiler from turning a loop into a call of memcpy, or from changing its vectors. */
#define KEEP() __asm__ volatile("" ::: "memory")

#define PLAIN_LOOP(name, expression)                                                               \
	static double name(double *d, const double *x, const double *y, size_t count)              \
	{                                                                                          \
		(void)y;                                                                           \
		for (size_t i = 0; i < count; i++) {                                               \
			d[i] = (expression);                                                       \
			KEEP();                                                                    \
		}                                                                                  \
		return 0;                                                                          \
	}

PLAIN_LOOP(stream_copy, x[i])
PLAIN_LOOP(stream_scale, FACTOR *x[i])
PLAIN_LOOP(stream_add, x[i] + y[i])
PLAIN_LOOP(stream_triad, x[i] + FACTOR * y[i])
PLAIN_LOOP(stream_daxpy, d[i] + FACTOR * x[i])

/* Four sums, so that not every addition waits for the one before. */
#define PLAIN_SUM(name, element)                                                                   \
	static double name(double *d, const double *x, const double *y, size_t count)              \
	{                                                                                          \
		double sum[4] = {0};                                                               \
                                                                                                   \
		(void)d;                                                                           \
		(void)y;                                                                           \
		for (size_t i = 0; i < count; i += 4) {                                            \
			sum[0] += element(i);                                                      \
			sum[1] += element(i + 1);                                                  \
			sum[2] += element(i + 2);                                                  \
			sum[3] += element(i + 3);                                                  \
			__asm__ volatile(""                                                        \
			                 : "+x"(sum[0]), "+x"(sum[1]), "+x"(sum[2]),               \
			                   "+x"(sum[3]));                                          \
		}                                                                                  \
		return sum[0] + sum[1] + (sum[2] + sum[3]);                                        \
	}

#define SUM_ELEMENT(at) x[at]
#define DOT_ELEMENT(at) (x[at] * y[at])
PLAIN_SUM(stream_sum, SUM_ELEMENT)
PLAIN_SUM(stream_dot, DOT_ELEMENT)

/* One vector of each operation's result; `p` is the prefix of the intrinsics. */
#define COPY_VECTOR(p, at)  p##loadu_pd(x + (at))
#define SCALE_VECTOR(p, at) p##mul_pd(factor, p##loadu_pd(x + (at)))
#define ADD_VECTOR(p, at)   p##add_pd(p##loadu_pd(x + (at)), p##loadu_pd(y + (at)))
#define TRIAD_VECTOR(p, at)                                                                        \
	p##add_pd(p##loadu_pd(x + (at)), p##mul_pd(factor, p##loadu_pd(y + (at))))
#define DAXPY_VECTOR(p, at)                                                                        \
	p##add_pd(p##loadu_pd(d + (at)), p##mul_pd(factor, p##loadu_pd(x + (at))))
#define DOT_VECTOR(p, at) p##mul_pd(p##loadu_pd(x + (at)), p##loadu_pd(y + (at)))

/* Four vectors of `n` doubles a turn; `finish` after the last turn. */
#define VECTOR_LOOP(name, isa, p, n, vector, store, finish)                                        \
	__attribute__((target(isa))) static double name(double *d, const double *x,                \
	                                                const double *y, size_t count)             \
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
		return 0;                                                                          \
	}

/* Doubles of a page of 4 KiB, and of a cache line. */
#define PAGE 512UL
#define LINE 8UL

/* One vector of eight doubles, or two of four. */
#define WHOLE_LINE(p, n, vector, store, at)                                                        \
	p##store(d + (at), vector(p, at));                                                         \
	if ((n) < LINE)                                                                            \
	p##store(d + (at) + (n), vector(p, (at) + (n)))

/*
 * The same line of four pages of each array in turn: more pages are under way at once than the
 * processor's prefetchers would open by themselves. What is left after whole groups, `rest` does.
 */
#define PAGES_LOOP(name, isa, p, n, vector, store, rest)                                           \
	__attribute__((target(isa))) static double name(double *d, const double *x,                \
	                                                const double *y, size_t count)             \
	{                                                                                          \
		const __auto_type factor = p##set1_pd(FACTOR);                                     \
		size_t i = 0;                                                                      \
                                                                                                   \
		(void)factor;                                                                      \
		for (; count - i >= 4 * PAGE; i += 3 * PAGE) {                                     \
			for (size_t end = i + PAGE; i != end; i += LINE) {                         \
				WHOLE_LINE(p, n, vector, store, i);                                \
				WHOLE_LINE(p, n, vector, store, i + PAGE);                         \
				WHOLE_LINE(p, n, vector, store, i + 2 * PAGE);                     \
				WHOLE_LINE(p, n, vector, store, i + 3 * PAGE);                     \
				KEEP();                                                            \
			}                                                                          \
		}                                                                                  \
		return rest(d + i, x + i, y + i, count - i);                                       \
	}

#define VECTOR_LOOPS(suffix, isa, p, n, store, finish)                                             \
	VECTOR_LOOP(stream_copy_##suffix, isa, p, n, COPY_VECTOR, store, finish)                   \
	VECTOR_LOOP(stream_scale_##suffix, isa, p, n, SCALE_VECTOR, store, finish)                 \
	VECTOR_LOOP(stream_add_##suffix, isa, p, n, ADD_VECTOR, store, finish)                     \
	VECTOR_LOOP(stream_triad_##suffix, isa, p, n, TRIAD_VECTOR, store, finish)

#define PAGES_LOOPS(suffix, isa, p, n, store)                                                      \
	PAGES_LOOP(stream_copy_##suffix##_pages, isa, p, n, COPY_VECTOR, store,                    \
	           stream_copy_##suffix)                                                           \
	PAGES_LOOP(stream_scale_##suffix##_pages, isa, p, n, SCALE_VECTOR, store,                  \
	           stream_scale_##suffix)                                                          \
	PAGES_LOOP(stream_add_##suffix##_pages, isa, p, n, ADD_VECTOR, store, stream_add_##suffix) \
	PAGES_LOOP(stream_triad_##suffix##_pages, isa, p, n, TRIAD_VECTOR, store,                  \
	           stream_triad_##suffix)

VECTOR_LOOPS(avx2, "avx2", _mm256_, 4UL, storeu_pd, (void)0)
VECTOR_LOOPS(avx2_nt, "avx2", _mm256_, 4UL, stream_pd, _mm_sfence())
VECTOR_LOOPS(avx512, "avx512f", _mm512_, 8UL, storeu_pd, (void)0)
VECTOR_LOOPS(avx512_nt, "avx512f", _mm512_, 8UL, stream_pd, _mm_sfence())
PAGES_LOOPS(avx2_nt, "avx2", _mm256_, 4UL, stream_pd)
PAGES_LOOPS(avx512_nt, "avx512f", _mm512_, 8UL, stream_pd)
VECTOR_LOOP(stream_daxpy_avx2, "avx2", _mm256_, 4UL, DAXPY_VECTOR, storeu_pd, (void)0)
VECTOR_LOOP(stream_daxpy_avx512, "avx512f", _mm512_, 8UL, DAXPY_VECTOR, storeu_pd, (void)0)

static double fold128(__m128d v)
{
	return _mm_cvtsd_f64(v) + _mm_cvtsd_f64(_mm_unpackhi_pd(v, v));
}

__attribute__((target("avx2"))) static double fold256(__m256d v)
{
	return fold128(_mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1)));
}

__attribute__((target("avx512f"))) static double fold512(__m512d v)
{
	return fold256(_mm256_add_pd(_mm512_castpd512_pd256(v), _mm512_extractf64x4_pd(v, 1)));
}

/* The sum of all elements of all vectors, in eight sums that do not wait for one another. */
#define VECTOR_SUM(name, isa, p, n, type, vector, fold)                                            \
	__attribute__((target(isa))) static double name(double *d, const double *x,                \
	                                                const double *y, size_t count)             \
	{                                                                                          \
		type s0 = p##setzero_pd();                                                         \
		type s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;                \
                                                                                                   \
		(void)d;                                                                           \
		(void)y;                                                                           \
		for (size_t i = 0; i < count; i += 8 * (n)) {                                      \
			s0 = p##add_pd(s0, vector(p, i));                                          \
			s1 = p##add_pd(s1, vector(p, i + (n)));                                    \
			s2 = p##add_pd(s2, vector(p, i + 2 * (n)));                                \
			s3 = p##add_pd(s3, vector(p, i + 3 * (n)));                                \
			s4 = p##add_pd(s4, vector(p, i + 4 * (n)));                                \
			s5 = p##add_pd(s5, vector(p, i + 5 * (n)));                                \
			s6 = p##add_pd(s6, vector(p, i + 6 * (n)));                                \
			s7 = p##add_pd(s7, vector(p, i + 7 * (n)));                                \
		}                                                                                  \
		s0 = p##add_pd(p##add_pd(s0, s1), p##add_pd(s2, s3));                              \
		s4 = p##add_pd(p##add_pd(s4, s5), p##add_pd(s6, s7));                              \
		return fold(p##add_pd(s0, s4));                                                    \
	}

VECTOR_SUM(stream_sum_avx2, "avx2", _mm256_, 4UL, __m256d, COPY_VECTOR, fold256)
VECTOR_SUM(stream_sum_avx512, "avx512f", _mm512_, 8UL, __m512d, COPY_VECTOR, fold512)
VECTOR_SUM(stream_dot_avx2, "avx2", _mm256_, 4UL, __m256d, DOT_VECTOR, fold256)
VECTOR_SUM(stream_dot_avx512, "avx512f", _mm512_, 8UL, __m512d, DOT_VECTOR, fold512)

#define WAY(...) ((uintptr_t)(&(const struct way){__VA_ARGS__}))

#define VARIANT(loop, what, needs, operation, allocates)                                           \
	((struct variant){.name = #loop,                                                           \
	                  .summary = what,                                                         \
	                  .feature = needs,                                                        \
	                  .value = WAY(operation, stream_##loop, allocates)})

/* All ways of one operation that writes an array of its own. */
#define VARIANTS(loop, what, operation)                                                            \
	VARIANT(loop, what ", one double at a time", -1, operation, true),                         \
	        VARIANT(loop##_avx2, what ", 256-bit vectors", CPU_AVX2, operation, true),         \
	        VARIANT(loop##_avx2_nt, what ", 256-bit non-temporal stores", CPU_AVX2, operation, \
	                false),                                                                    \
	        VARIANT(loop##_avx2_nt_pages,                                                      \
	                what ", the same, a line of each of four pages in turn", CPU_AVX2,         \
	                operation, false),                                                         \
	        VARIANT(loop##_avx512, what ", 512-bit vectors", CPU_AVX512F, operation, true),    \
	        VARIANT(loop##_avx512_nt, what ", 512-bit non-temporal stores", CPU_AVX512F,       \
	                operation, false),                                                         \
	        VARIANT(loop##_avx512_nt_pages,                                                    \
	                what ", the same, a line of each of four pages in turn", CPU_AVX512F,      \
	                operation, false)

/* And of one whose stores, if any, go where its loads have been. */
#define VARIANTS_IN_PLACE(loop, what, operation)                                                   \
	VARIANT(loop, what ", one double at a time", -1, operation, false),                        \
	        VARIANT(loop##_avx2, what ", 256-bit vectors", CPU_AVX2, operation, false),        \
	        VARIANT(loop##_avx512, what ", 512-bit vectors", CPU_AVX512F, operation, false)

static const struct variant variants[] = {
        VARIANTS(copy, "c = a", COPY),
        VARIANTS(scale, "b = q c", SCALE),
        VARIANTS(add, "c = a + b", ADD),
        VARIANTS(triad, "a = b + q c", TRIAD),
        VARIANTS_IN_PLACE(daxpy, "a = a + q b", DAXPY),
        VARIANTS_IN_PLACE(sum, "sum of a", SUM),
        VARIANTS_IN_PLACE(dot, "sum of a b", DOT),
};

static const struct buffers_spec arrays = {.count = 3};

/* What one thread has done; a cache line of its own. */
struct worker {
	uint64_t passes;
	double first; /* result of its first pass: those of the others must be the same */
	bool differs; /* one was not */
} __attribute__((aligned(64)));

struct state {
	struct buffers buffers;
	const struct way *way;
	unsigned threads;
	struct worker *workers;
};

static const struct way *way_of(const struct cell *cell)
{
	return (const struct way *)cell->variant->value;
}

static uint64_t stream_footprint(const struct cell *cell)
{
	return buffers_footprint(cell, &arrays);
}

/* A number whose bytes are all 1 is 7.7e-304: the CPU takes its time for what underflows. */
static int stream_probe(const struct setup *setup, struct err *e)
{
	const struct cell *cell = setup->cell;

	if (way_of(cell)->operation == DOT && cell->fill == MEM_ONE)
		return err_set(e, ENOTSUP,
		               "stream/%s: the products of --fill one are too small for a double",
		               cell->variant->name);
	return 0;
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

static void stream_teardown(void *state)
{
	struct state *s = state;

	buffers_close(&s->buffers);
	free(s->workers);
	free(s);
}

/* The target of the operation, where it has one that is not a source. */
static void spoil_target(const struct state *s, uint64_t seed)
{
	enum operation o = s->way->operation;
	const struct buffers *b = &s->buffers;

	if (o == DAXPY)
		memcpy(b->start[operations[o].to], b->start[operations[o].from], b->bytes);
	else if (operations[o].written)
		/* Not the result of any operation, so that a loop which did not run shows. */
		mem_fill(b->start[operations[o].to], b->bytes, MEM_RANDOM, ~seed);
}

static int stream_setup(const struct setup *setup, void **state, struct err *e)
{
	const struct cell *cell = setup->cell;
	struct state *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of stream");
	s->way = way_of(cell);
	s->threads = cell->threads;
	s->workers = aligned_alloc(sizeof(*s->workers), cell->threads * sizeof(*s->workers));
	if (!s->workers) {
		stream_teardown(s);
		return err_set(e, ENOMEM, "no memory for the results of %u threads", cell->threads);
	}
	memset(s->workers, 0, cell->threads * sizeof(*s->workers));
	rc = buffers_open(setup, &arrays, &s->buffers, e);
	if (rc) {
		stream_teardown(s);
		return rc;
	}
	if (cell->fill == MEM_RANDOM)
		make_numbers(&s->buffers);
	spoil_target(s, setup->seed);
	*state = s;
	return 0;
}

static double *slice(const struct state *s, unsigned array, unsigned thread)
{
	return buffers_slice(&s->buffers, array, thread);
}

/* Other results than the first one's, if any. */
static bool repeat(const struct state *s, stream_function *loop, unsigned thread,
                   uint64_t iterations, double *first)
{
	enum operation o = s->way->operation;
	double *d = slice(s, operations[o].to, thread);
	const double *x = slice(s, operations[o].from, thread);
	const double *y = slice(s, operations[o].also, thread);
	size_t count = s->buffers.slice / sizeof(*d);
	bool differs = false;

	*first = loop(d, x, y, count);
	for (uint64_t i = 1; i < iterations; i++)
		differs |= loop(d, x, y, count) != *first;
	return differs;
}

static void stream_run(void *state, unsigned thread, uint64_t iterations)
{
	const struct state *s = state;
	struct worker *w = &s->workers[thread];
	double first;

	if (!iterations)
		return;
	w->differs |= repeat(s, s->way->loop, thread, iterations, &first);
	w->differs |= w->passes && first != w->first;
	w->first = first;
	w->passes += iterations;
}

static double stream_nothing(double *d, const double *x, const double *y, size_t count)
{
	(void)d;
	(void)x;
	(void)y;
	(void)count;
	KEEP();
	return 0;
}

static void stream_baseline(void *state, unsigned thread, uint64_t iterations)
{
	stream_function *volatile nothing = stream_nothing;
	double unused;

	if (iterations)
		repeat(state, nothing, thread, iterations, &unused);
}

/* An element of the target after `passes`. */
static double expected(enum operation o, double x, double y, uint64_t passes)
{
	switch (o) {
	case COPY:
		return x;
	case SCALE:
		return FACTOR * x;
	case ADD:
		return x + y;
	case DAXPY: /* which began with x */
		return x + FACTOR * x * (double)passes;
	case TRIAD:
	case SUM:
	case DOT:
		break;
	}
	return x + FACTOR * y;
}

/* STREAM's own tolerance for doubles: a fused multiply-add rounds once less. */
#define TOLERANCE 1e-13

static int verify_elements(const struct state *s, unsigned thread, struct err *e)
{
	enum operation o = s->way->operation;
	uint64_t passes = s->workers[thread].passes;
	const double *d = slice(s, operations[o].to, thread);
	const double *x = slice(s, operations[o].from, thread);
	const double *y = slice(s, operations[o].also, thread);
	/* An element of daxpy is rounded in every pass. */
	double tolerance = o == DAXPY ? TOLERANCE * (double)passes : TOLERANCE;

	for (size_t i = 0; i < s->buffers.slice / sizeof(*d); i++) {
		double want = expected(o, x[i], y[i], passes);

		if (!(fabs(d[i] - want) <= tolerance * fabs(want)))
			return err_set(e, EIO, "element %zu of thread %u is %.17g instead of %.17g",
			               i, thread, d[i], want);
	}
	return 0;
}

/* Every pass has the same result; in another order the terms differ by a rounding each at most. */
static int verify_result(const struct state *s, unsigned thread, struct err *e)
{
	const struct worker *w = &s->workers[thread];
	enum operation o = s->way->operation;
	const double *x = slice(s, operations[o].from, thread);
	const double *y = slice(s, operations[o].also, thread);
	size_t count = s->buffers.slice / sizeof(*x);
	long double want = 0;

	for (size_t i = 0; i < count; i++)
		want += o == SUM ? x[i] : (long double)x[i] * y[i];
	if (w->differs)
		return err_set(e, EIO, "two passes of thread %u had different results", thread);
	if (!(fabsl(w->first - want) <= (long double)count * DBL_EPSILON * fabsl(want)))
		return err_set(e, EIO, "the result of thread %u is %.17g instead of %.17g", thread,
		               w->first, (double)want);
	return 0;
}

static int stream_verify(void *state, struct err *e)
{
	const struct state *s = state;
	int rc = 0;

	for (unsigned t = 0; t < s->threads && !rc; t++) {
		if (!s->workers[t].passes)
			return err_set(e, EIO, "thread %u has done nothing", t);
		rc = operations[s->way->operation].written ? verify_elements(s, t, e)
		                                           : verify_result(s, t, e);
	}
	return rc;
}

static void stream_traffic(const struct cell *cell, struct traffic *traffic)
{
	const struct way *way = way_of(cell);

	traffic->read = cell->size * operations[way->operation].read;
	traffic->written = cell->size * operations[way->operation].written;
	traffic->allocate = way->allocates ? cell->size : 0;
}

static const uint64_t sizes[] = {64 << 20, 256 << 20, 512 << 20, 0};

const struct kernel kernel_stream = {
        .name = "stream",
        .summary = "The loops of STREAM, sum, dot and daxpy over three arrays of the given size "
                   "each; every thread its "
                   "own part. An iteration is one pass over the arrays.",
        .unit = UNIT_BANDWIDTH,
        .flags = KERNEL_MEMORY | KERNEL_THREADS,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .sizes = sizes,
        .footprint = stream_footprint,
        .check = buffers_check,
        .probe = stream_probe,
        .setup = stream_setup,
        .run = stream_run,
        .baseline = stream_baseline,
        .verify = stream_verify,
        .traffic = stream_traffic,
        .teardown = stream_teardown,
};
