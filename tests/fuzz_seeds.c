/* SPDX-License-Identifier: MIT */
/*
 * A fuzz target without its fuzzer, for every build: its seeds (the folder "seeds" beside its
 * source) as they are, and each damaged in many ways, the same ones every time.
 */
#include <glob.h>
#include <limits.h>

#include "tests/cmocka.h"
#include "tests/fuzz.h"

#define MOST    8192
#define DAMAGED 200 /* a seed */

static glob_t seeds;
static uint32_t random_state = 1;

static size_t read_seed(const char *path, uint8_t data[MOST])
{
	FILE *file = fopen(path, "re");
	size_t size;

	assert_non_null(file);
	size = fread(data, 1, MOST, file);
	if (!size || fgetc(file) != EOF)
		fail_msg("%s is empty, or has more than %d bytes", path, MOST);
	fclose(file);
	return size;
}

/* Numerical Recipes, section 7.1; the high bits are the better ones. */
static size_t next_below(size_t most)
{
	random_state = random_state * 1664525u + 1013904223u;
	return most ? (random_state >> 8) % most : 0;
}

static void run(const uint8_t *data, size_t size)
{
	/* Memory of its own, beside whose end a sanitizer stands. */
	struct fuzz f = {data, size};
	uint8_t *copy = fuzz_copy(&f, size);

	assert_int_equal(LLVMFuzzerTestOneInput(copy, size), 0);
	free(copy);
}

static void seeds_do_no_harm(void **state)
{
	uint8_t data[MOST];

	(void)state;
	assert_true(seeds.gl_pathc > 0);
	for (size_t i = 0; i < seeds.gl_pathc; i++) {
		size_t size = read_seed(seeds.gl_pathv[i], data);

		run(data, size);
	}
}

static void damaged_ones_do_no_harm(void **state)
{
	uint8_t seed[MOST], data[MOST];

	(void)state;
	for (size_t i = 0; i < seeds.gl_pathc; i++) {
		size_t size = read_seed(seeds.gl_pathv[i], seed);

		for (int round = 0; round < DAMAGED; round++) {
			size_t left = round & 1 ? size : 1 + next_below(size);

			memcpy(data, seed, size);
			for (int n = 0; n < 1 + round % 4; n++)
				data[next_below(size)] = (uint8_t)next_below(256);
			run(data, left);
		}
	}
	run(data, 0);
}

/* BUILD/tests/FOLDER/fuzz_NAME has its seeds in tests/FOLDER/seeds. */
static void find_seeds(const char *program)
{
	const char *at = strstr(program, "tests/"), *name = strrchr(program, '/');
	char pattern[PATH_MAX];

	if (at && name > at)
		snprintf(pattern, sizeof(pattern), "%.*s/seeds/*", (int)(name - at), at);
	if (!at || name <= at || glob(pattern, 0, NULL, &seeds)) {
		fprintf(stderr, "%s: there are no seeds\n", program);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(seeds_do_no_harm),
	        cmocka_unit_test(damaged_ones_do_no_harm),
	};
	int failed;

	(void)argc;
	find_seeds(argv[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	globfree(&seeds);
	return failed;
}
