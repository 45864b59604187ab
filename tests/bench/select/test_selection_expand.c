/* SPDX-License-Identifier: MIT */
#include "bench/select/selection_expand.h"

#include <errno.h>

#include "harness/place.h"
#include "harness/place_choose.h"
#include "tests/cmocka.h"
#include "tests/skip.h"

static const uint64_t sizes[] = {4096, 65536, 0};
static const uint64_t strides[] = {64, 128, AXIS_END};
static const uint64_t chains[] = {1, AXIS_END};
static const struct axis axes[] = {
        {"stride", "bytes", 8, 4096, strides},
        {"chains", "count", 1, 16, chains},
};
static const struct variant variants[] = {
        {"libc", "one", -1, 0},
        {"avx2", "two", CPU_AVX2, 0},
};

static int check(const struct cell *cell, struct err *e)
{
	return cell->size % 64 ? err_set(e, EINVAL, "the size is no multiple of 64") : 0;
}

static const struct kernel memory = {
        .name = "memcpy",
        .flags = KERNEL_MEMORY | KERNEL_THREADS,
        .variants = variants,
        .variant_count = 2,
        .sizes = sizes,
        .axes = axes,
        .axis_count = 2,
        .check = check,
};

static const struct kernel cpuid = {.name = "cpuid", .variants = variants, .variant_count = 2};
static const struct kernel pingpong = {
        .name = "pingpong", .flags = KERNEL_MULTI_CPU, .variants = variants, .variant_count = 2};

struct fixture {
	struct selection s;
	struct cell *cells;
	size_t count;
	struct err e;
};

static int open_selection(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	selection_init(&f.s);
	*state = &f;
	return 0;
}

static int close_selection(void **state)
{
	struct fixture *f = *state;

	selection_free(&f->s);
	free(f->cells);
	return 0;
}

static int expand(struct fixture *f, const struct kernel *k)
{
	free(f->cells);
	f->cells = NULL;
	return selection_expand(&f->s, k, &f->cells, &f->count, &f->e);
}

static void set(struct fixture *f, const char *name, const char *value)
{
	assert_int_equal(selection_option(&f->s, name, value, &f->e), 0);
}

static void test_defaults_are_the_sweep(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(expand(f, &memory), 0);
	assert_int_equal(f->count, 4); /* 2 variants, 2 sizes */
	assert_string_equal(f->cells[0].variant->name, "libc");
	assert_int_equal(f->cells[0].size, 4096);
	assert_int_equal(f->cells[1].size, 65536);
	assert_string_equal(f->cells[2].variant->name, "avx2");
	assert_int_equal(f->cells[3].threads, 1);
	assert_int_equal(f->cells[3].axis[0], 64);
	assert_int_equal(f->cells[3].axis[1], 1);
	assert_int_equal(expand(f, &cpuid), 0);
	assert_int_equal(f->count, 2);
	assert_int_equal(expand(f, &pingpong), 0);
	assert_int_equal(f->cells[0].threads, 2);
}

static void test_every_combination_once(void **state)
{
	struct fixture *f = *state;

	set(f, "variant", "avx2");
	set(f, "size", "8K,1M,2M");
	set(f, "threads", "1,2");
	set(f, "fill", "zero,random");
	set(f, "param", "stride=64,128");
	set(f, "param", "chains=1,4");
	assert_int_equal(expand(f, &memory), 0);
	assert_int_equal(f->count, 3 * 2 * 2 * 2 * 2);
	for (size_t i = 0; i < f->count; i++) {
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(&f->cells[i], &f->cells[j], sizeof(f->cells[i]));
	}
	assert_int_equal(f->cells[0].axis[1], 1);
	assert_int_equal(f->cells[1].axis[1], 4); /* the last list turns fastest */
}

static void test_later_values_replace(void **state)
{
	struct fixture *f = *state;

	set(f, "size", "8K,1M");
	set(f, "size", "2M");
	set(f, "param", "stride=64,128");
	set(f, "param", "stride=256");
	set(f, "variant", "libc");
	assert_int_equal(expand(f, &memory), 0);
	assert_int_equal(f->count, 1);
	assert_int_equal(f->cells[0].size, 2 << 20);
	assert_int_equal(f->cells[0].axis[0], 256);
}

static void refused(struct fixture *f, const struct kernel *k, const char *part)
{
	int rc = expand(f, k);

	assert_true(rc == -EINVAL || rc == -ERANGE);
	assert_null(f->cells);
	assert_says(f->e, part);
}

static void test_refusals_name_the_thing(void **state)
{
	static const struct {
		const char *name, *value;
		const struct kernel *kernel;
		const char *says;
	} cases[] = {
	        {"variant", "sse9", &memory, "no variant \"sse9\""},
	        {"variant", "avx2,", &memory, "no variant \"\""},
	        {"size", "4K", &cpuid, "measures no memory"},
	        {"fill", "zero", &cpuid, "measures no memory"},
	        {"threads", "2", &cpuid, "1 thread only"},
	        {"threads", "1", &pingpong, "at least 2 threads"},
	        {"threads", "3", &pingpong, "2 threads only"},
	        {"param", "colour=3", &memory, "no parameter \"colour\""},
	        {"param", "stri=64", &memory, "no parameter \"stri\""},
	        {"param", "stride=4", &memory, "between 8 and 4096"},
	        {"param", "stride=x", &memory, "stride"},
	        {"size", "100", &memory, "multiple of 64"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f = {.cells = NULL};

		selection_init(&f.s);
		set(&f, cases[i].name, cases[i].value);
		refused(&f, cases[i].kernel, cases[i].says);
		selection_free(&f.s);
	}
}

/* The caches that threads use, as the topology has them. */
static uint64_t caches(unsigned threads, unsigned level)
{
	struct place place;
	struct err e = {""};
	uint64_t bytes = 0;

	if (place_choose(threads, NULL, &place, &e) || place_cache_bytes(&place, level, &bytes, &e))
		skip_because("%s", e.text);
	return bytes;
}

static void test_sizes_by_caches(void **state)
{
	struct fixture *f = *state;
	uint64_t last = caches(1, 0), second = caches(1, 2);

	set(f, "variant", "libc");
	set(f, "size", "4xLLC,64K,1/4xL2");
	assert_int_equal(expand(f, &memory), 0);
	assert_int_equal(f->count, 3);
	assert_true(f->cells[0].size >= 4 * last && f->cells[0].size < 4 * last + 8192);
	assert_int_equal(f->cells[0].size % 4096, 0);
	assert_int_equal(f->cells[1].size, 65536);
	assert_true(f->cells[2].size >= second / 4 && f->cells[2].size < second / 4 + 8192);
}

/* Cores of two threads each, of one, or of a list: as many as have a core to themselves. */
static void test_threads_of_all_cores(void **state)
{
	struct fixture *f = *state;
	struct place place;
	unsigned cores = 1;

	while (!place_choose(cores + 1, NULL, &place, &f->e) && !place.shares_core)
		cores++;
	set(f, "threads", "cores");
	assert_int_equal(expand(f, &pingpong), cores > 2 ? -EINVAL : 0);
	set(f, "variant", "libc");
	set(f, "size", "64M");
	assert_int_equal(expand(f, &memory), 0);
	assert_int_equal(f->count, 1);
	assert_int_equal(f->cells[0].threads, cores);
	set(f, "threads", "1,cores,cores");
	assert_int_equal(expand(f, &memory), 0);
	assert_int_equal(f->count, cores == 1 ? 1 : 2);
	set(f, "threads", "cores");
	assert_int_equal(place_choose(1, NULL, &place, &f->e), 0);
	place_text(&place, f->e.text, sizeof(f->e.text));
	set(f, "cpu", f->e.text);
	assert_int_equal(expand(f, &memory), 0);
	assert_int_equal(f->cells[0].threads, 1);
}

static void test_more_threads_than_cpus_have_no_caches(void **state)
{
	struct fixture *f = *state;

	set(f, "size", "4xLLC");
	set(f, "threads", "1000");
	assert_int_equal(expand(f, &memory), -EINVAL);
	assert_says(f->e, "1000 threads need 1000 CPUs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_selection, close_selection)
	        TEST(test_defaults_are_the_sweep),
	        TEST(test_every_combination_once),
	        TEST(test_later_values_replace),
	        TEST(test_refusals_name_the_thing),
	        TEST(test_sizes_by_caches),
	        TEST(test_threads_of_all_cores),
	        TEST(test_more_threads_than_cpus_have_no_caches),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
