/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include "harness/mem.h"
#include "harness/mem_random.h"

/* Published vectors: splitmix64 of seed 0, and xoshiro256** from the state 1, 2, 3, 4. */
static void test_vectors(void **state)
{
	static const uint64_t seeded[4] = {0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4,
	                                   0x06c45d188009454f, 0xf88bb8a8724c81ec};
	static const uint64_t stream[5] = {11520, 0, 1509978240, 1215971899390074240,
	                                   1216172134540287360};
	struct mem_random r;

	(void)state;
	mem_random_seed(&r, 0);
	for (int i = 0; i < 4; i++)
		assert_true(r.s[i] == seeded[i]);
	r = (struct mem_random){{1, 2, 3, 4}};
	for (int i = 0; i < 5; i++)
		assert_true(mem_random_next(&r) == stream[i]);
}

static void test_below(void **state)
{
	unsigned hits[6] = {0};
	struct mem_random r;

	(void)state;
	mem_random_seed(&r, 7);
	for (int i = 0; i < 60000; i++) {
		uint64_t v = mem_random_below(&r, 6);

		assert_true(v < 6);
		hits[v]++;
	}
	for (int i = 0; i < 6; i++)
		assert_in_range(hits[i], 9600, 10400); /* four standard deviations */
	for (int i = 0; i < 100; i++) {
		assert_int_equal(mem_random_below(&r, 1), 0);
		assert_true(mem_random_below(&r, UINT64_MAX) < UINT64_MAX);
		assert_true(mem_random_below(&r, (1ULL << 63) + 1) <= 1ULL << 63);
	}
}

static void test_fill_is_deterministic(void **state)
{
	unsigned char a[1001];
	unsigned char b[1001];
	unsigned char guard;

	(void)state;
	memset(a, 0xee, sizeof(a));
	mem_fill(a, 1000, MEM_RANDOM, 42);
	guard = a[1000];
	assert_int_equal(guard, 0xee); /* nothing beyond what was asked for */
	mem_fill(b, 1000, MEM_RANDOM, 42);
	assert_memory_equal(a, b, 1000);
	mem_fill(b, 1000, MEM_RANDOM, 43);
	assert_memory_not_equal(a, b, 1000);
	/* A shorter fill is the beginning of a longer one, but for the last partial word. */
	mem_fill(b, 100, MEM_RANDOM, 42);
	assert_memory_equal(a, b, 96);
	/* At an odd address too. */
	mem_fill(b + 1, 999, MEM_RANDOM, 42);
	assert_memory_equal(a, b + 1, 992);
	mem_fill(a, 0, MEM_RANDOM, 1);
}

static void test_fill_values(void **state)
{
	unsigned char a[77];

	(void)state;
	mem_fill(a, sizeof(a), MEM_ONE, 5);
	for (size_t i = 0; i < sizeof(a); i++)
		assert_int_equal(a[i], 1);
	mem_fill(a, sizeof(a), MEM_ZERO, 5);
	for (size_t i = 0; i < sizeof(a); i++)
		assert_int_equal(a[i], 0);
}

/* Random means random: all byte values about equally often, no page like another. */
static void test_fill_is_random(void **state)
{
	enum { BYTES = 1 << 20 };
	unsigned counts[256] = {0};
	unsigned char *p = malloc(BYTES);

	(void)state;
	assert_non_null(p);
	mem_fill(p, BYTES, MEM_RANDOM, 1);
	for (int i = 0; i < BYTES; i++)
		counts[p[i]]++;
	for (int i = 0; i < 256; i++)
		assert_in_range(counts[i], 4096 - 400,
		                4096 + 400); /* over six standard deviations */
	assert_memory_not_equal(p, p + 4096, 4096);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_vectors),
	        cmocka_unit_test(test_below),
	        cmocka_unit_test(test_fill_is_deterministic),
	        cmocka_unit_test(test_fill_values),
	        cmocka_unit_test(test_fill_is_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
