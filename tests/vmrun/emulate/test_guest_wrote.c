/* SPDX-License-Identifier: MIT */
/* The fuzzer's seeds, as they are and damaged, without the fuzzer. */
#include <glob.h>

#include "tests/cmocka.h"
#include "tests/vmrun/emulate/guest_wrote.h"

#define MOST    8192
#define DAMAGED 10000 /* a seed */

static glob_t seeds;
static uint32_t random_state;

static int find_seeds(void **state)
{
	(void)state;
	return glob("tests/vmrun/emulate/seeds/*", 0, NULL, &seeds);
}

static int forget_seeds(void **state)
{
	(void)state;
	globfree(&seeds);
	return 0;
}

static size_t read_seed(const char *path, uint8_t data[MOST])
{
	FILE *file = fopen(path, "re");
	size_t size;

	assert_non_null(file);
	size = fread(data, 1, MOST, file);
	assert_true(size > 0 && feof(file));
	fclose(file);
	return size;
}

/* The same numbers every time (Numerical Recipes, section 7.1); the high bits are the better ones.
 */
static size_t next_below(size_t most)
{
	random_state = random_state * 1664525u + 1013904223u;
	return most ? (random_state >> 8) % most : 0;
}

static void seeds_are_understood(void **state)
{
	uint8_t data[MOST];

	(void)state;
	for (size_t i = 0; i < seeds.gl_pathc; i++) {
		size_t size = read_seed(seeds.gl_pathv[i], data);

		if (!guest_wrote(data, size))
			fail_msg("%s is not", seeds.gl_pathv[i]);
	}
}

static void damaged_ones_do_no_harm(void **state)
{
	uint8_t seed[MOST], data[MOST];
	unsigned refused = 0;

	(void)state;
	random_state = 1;
	for (size_t i = 0; i < seeds.gl_pathc; i++) {
		size_t size = read_seed(seeds.gl_pathv[i], seed);

		for (int round = 0; round < DAMAGED; round++) {
			size_t left = round & 1 ? size : 1 + next_below(size);

			memcpy(data, seed, size);
			for (int n = 0; n < 1 + round % 4; n++)
				data[next_below(size)] = (uint8_t)next_below(256);
			refused += !guest_wrote(data, left);
		}
	}
	assert_true(refused > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(seeds_are_understood),
	        cmocka_unit_test(damaged_ones_do_no_harm),
	};

	return cmocka_run_group_tests(tests, find_seeds, forget_seeds);
}
