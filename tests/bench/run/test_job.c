/* SPDX-License-Identifier: MIT */
#include "bench/run/job.h"

#include "kernels/registry.h"
#include "tests/cmocka.h"

static int has(char **argv, const char *option, const char *value)
{
	for (size_t i = 0; argv[i] && argv[i + 1]; i++) {
		if (!strcmp(argv[i], option) && !strcmp(argv[i + 1], value))
			return 1;
	}
	return 0;
}

static int names(char **argv, const char *word)
{
	for (size_t i = 0; argv[i]; i++) {
		if (!strcmp(argv[i], word))
			return 1;
	}
	return 0;
}

static void test_words_of_a_memory_cell(void **state)
{
	const struct kernel *k = registry_find("memcpy");
	struct suite_cell cell = {.cell = {.kernel = k,
	                                   .variant = kernel_variant(k, "avx2"),
	                                   .size = 1 << 20,
	                                   .threads = 2,
	                                   .pages = MEM_THP,
	                                   .fill = MEM_ZERO},
	                          .plan = {.samples = 7, .batch_ns = 2e6, .warmup_ns = 1e6}};
	struct result_origin origin = {"r1", 3, PLATFORM_SNP, ACCEL_KVM, NULL};
	char **argv = job_argv(&cell, &origin, 42, "/bin", "2-3", NULL);

	(void)state;
	assert_non_null(argv);
	assert_string_equal(argv[0], "/bin/bench-memcpy");
	assert_true(has(argv, "--variant", "avx2"));
	assert_true(has(argv, "--size", "1048576"));
	assert_true(has(argv, "--threads", "2"));
	assert_true(has(argv, "--pages", "thp"));
	assert_true(has(argv, "--backing", "private"));
	assert_true(has(argv, "--fill", "zero"));
	assert_true(has(argv, "--samples", "7"));
	assert_true(has(argv, "--batch-us", "2000"));
	assert_true(has(argv, "--warmup-us", "1000"));
	assert_true(has(argv, "--seed", "42"));
	assert_true(has(argv, "--cpu", "2-3"));
	assert_true(has(argv, "--run", "r1"));
	assert_true(has(argv, "--round", "3"));
	assert_true(has(argv, "--platform", "snp"));
	assert_true(names(argv, "--end-mark"));
	assert_true(names(argv, "--skip"));
	assert_false(names(argv, "--iterations"));
	assert_false(names(argv, "--single"));
	job_free(argv);
}

static void test_words_of_a_cell_without_memory(void **state)
{
	const struct kernel *k = registry_find("cpuid");
	struct suite_cell cell = {
	        .cell = {.kernel = k, .variant = k->variants, .threads = 1, .single = true},
	        .plan = {.samples = 7, .iterations = 100}};
	struct result_origin origin = {"r1", 1, PLATFORM_NATIVE, ACCEL_NONE, NULL};
	char **argv = job_argv(&cell, &origin, 42, "/opt/bin", NULL, NULL);

	(void)state;
	assert_non_null(argv);
	assert_string_equal(argv[0], "/opt/bin/bench-cpuid");
	assert_false(names(argv, "--size"));
	assert_false(names(argv, "--pages"));
	assert_false(names(argv, "--cpu"));
	assert_true(has(argv, "--iterations", "100"));
	assert_true(names(argv, "--single"));
	job_free(argv);
}

static void test_words_for_the_environment(void **state)
{
	char **argv = job_environment_argv(registry_find("chase"), "/bin", NULL);

	(void)state;
	assert_string_equal(argv[0], "/bin/bench-chase");
	assert_string_equal(argv[1], "--environment");
	assert_null(argv[2]);
	job_free(argv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_words_of_a_memory_cell),
	        cmocka_unit_test(test_words_of_a_cell_without_memory),
	        cmocka_unit_test(test_words_for_the_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
