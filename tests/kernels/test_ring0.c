/* SPDX-License-Identifier: MIT */
/* What can be known of the ring 0 kernels without ring 0; module_inside.c knows the rest. */
#include <ctype.h>
#include <errno.h>
#include <unistd.h>

#include "harness/kernel.h"
#include "harness/module.h"
#include "kernels/registry.h"
#include "tests/cmocka.h"

static int for_each(int (*visit)(const struct kernel *k, const struct variant *v))
{
	size_t count;
	const struct kernel *const *kernels = registry_kernels(&count);
	int visited = 0;

	for (size_t i = 0; i < count; i++) {
		if (!(kernels[i]->flags & KERNEL_NEEDS_MODULE))
			continue;
		for (size_t v = 0; v < kernels[i]->variant_count; v++)
			visited += visit(kernels[i], &kernels[i]->variants[v]);
	}
	return visited;
}

static int is_well_formed(const struct kernel *k, const struct variant *v)
{
	assert_true(k->flags & KERNEL_NEEDS_ROOT);
	assert_non_null(k->take);
	assert_null(k->run);
	assert_ptr_equal(kernel_variant(k, v->name), v);
	for (const char *c = v->name; *c; c++)
		assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_' ||
		            *c == '.');
	return 1;
}

static void every_variant_is_well_formed(void **state)
{
	(void)state;
	assert_true(for_each(is_well_formed) > 30);
}

/* The twins of user mode must stay comparable: the same variants under the same names. */
static void twins_have_equal_variants(void **state)
{
	static const char *const twins[][2] = {{"cpuid", "ring0_cpuid"},
	                                       {"mmio", "ring0_mmio"},
	                                       {"ioport", "ring0_port"},
	                                       {"hypercall", "ring0_hypercall"}};

	(void)state;
	for (size_t i = 0; i < sizeof(twins) / sizeof(twins[0]); i++) {
		const struct kernel *user = registry_find(twins[i][0]);
		const struct kernel *ring0 = registry_find(twins[i][1]);

		assert_non_null(user);
		assert_non_null(ring0);
		for (size_t v = 0; v < user->variant_count; v++)
			assert_non_null(kernel_variant(ring0, user->variants[v].name));
	}
}

static int skips_without_module(const struct kernel *k, const struct variant *v)
{
	struct cell cell = {.kernel = k, .variant = v, .threads = 1};
	struct setup setup = {.cell = &cell, .platform = PLATFORM_NOSEV};
	struct err e = {""};
	void *state;

	assert_int_equal(k->probe(&setup, &e), -ENOTSUP);
	assert_says(e, "the guest kernel module");
	assert_int_equal(k->setup(&setup, &state, &e), -ENOTSUP);
	return 1;
}

static void without_the_module_all_are_skipped(void **state)
{
	(void)state;
	if (!access(SEVBENCH_DEVICE, F_OK))
		skip_because("the guest kernel module is loaded here");
	for_each(skips_without_module);
}

static int is_a_device(const struct kernel *k, const struct variant *v)
{
	struct cell cell = {.kernel = k, .variant = v, .threads = 1};
	struct setup setup = {.cell = &cell, .platform = PLATFORM_NATIVE};
	struct err e = {""};

	if (strcmp(k->name, "ring0_port") != 0 && strcmp(k->name, "ring0_mmio") != 0)
		return 0;
	assert_int_equal(k->probe(&setup, &e), -ENOTSUP);
	assert_says(e, "times the chipset");
	return 1;
}

/* Whether or not the module is loaded: a real machine's devices are not touched. */
static void natively_no_device_is_touched(void **state)
{
	(void)state;
	assert_true(for_each(is_a_device) > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_variant_is_well_formed),
	        cmocka_unit_test(twins_have_equal_variants),
	        cmocka_unit_test(without_the_module_all_are_skipped),
	        cmocka_unit_test(natively_no_device_is_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
