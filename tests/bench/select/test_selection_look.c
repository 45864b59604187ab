/* SPDX-License-Identifier: MIT */
#include "bench/select/selection_look.h"

#include <stdlib.h>

#include "bench/select/selection_expand.h"
#include "bench/select/suite_time.h"
#include "kernels/registry.h"
#include "tests/cmocka.h"

#define ROWS    24 /* with head and foot a screen */
#define SECONDS 8.0

static void expand(const struct kernel *kernel, struct selection *s, struct cell **cells,
                   size_t *count)
{
	struct err e = {""};

	selection_init(s);
	if (selection_look(kernel, s, &e) || selection_expand(s, kernel, cells, count, &e))
		fail_msg("%s: %s", kernel->name, e.text);
}

static double seconds_of(const struct cell *cells, size_t count, const struct sampler_plan *plan)
{
	struct suite suite = {.cells = calloc(count + 1, sizeof(*suite.cells)), .count = count};
	double seconds;

	assert_non_null(suite.cells);
	for (size_t i = 0; i < count; i++)
		suite.cells[i] = (struct suite_cell){cells[i], *plan};
	seconds = suite_time_round(&suite);
	free(suite.cells);
	return seconds;
}

/* Also those of kernels that are still to come. */
static void test_every_kernel_fits_a_screen_and_the_time(void **state)
{
	const struct kernel *const *kernels;
	size_t kernel_count, count = 0;

	(void)state;
	kernels = registry_kernels(&kernel_count);
	for (size_t i = 0; i < kernel_count; i++) {
		struct selection s;
		struct cell *cells = NULL;

		expand(kernels[i], &s, &cells, &count);
		assert_true(count > 0);
		if (count > ROWS || seconds_of(cells, count, &s.plan) > SECONDS)
			fail_msg("%s: %zu cells, %.1f s", kernels[i]->name, count,
			         seconds_of(cells, count, &s.plan));
		free(cells);
		selection_free(&s);
	}
}

static void assert_sizes(const uint64_t *sweep, const uint64_t *wanted, size_t count)
{
	struct selection s;
	struct kernel kernel = {.name = "made_up", .sizes = sweep};
	struct err e = {""};

	selection_init(&s);
	assert_int_equal(selection_look(&kernel, &s, &e), 0);
	assert_int_equal(s.sizes.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(s.sizes.value[i].bytes, wanted[i]);
	selection_free(&s);
}

static void test_sizes_are_few_and_small(void **state)
{
	const uint64_t mib = 1 << 20;

	(void)state;
	assert_sizes((uint64_t[]){1, 2, 3, 4, 5, 64 * mib, 0}, (uint64_t[]){1, 3, 5}, 3);
	assert_sizes((uint64_t[]){1, 2, 64 * mib, 0}, (uint64_t[]){1, 2}, 2);
	assert_sizes((uint64_t[]){7, 64 * mib, 0}, (uint64_t[]){7}, 1);
	assert_sizes((uint64_t[]){256 * mib, 0}, (uint64_t[]){32 * mib}, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_kernel_fits_a_screen_and_the_time),
	        cmocka_unit_test(test_sizes_are_few_and_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
