/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <unistd.h>

#include "harness/attest.h"
#include "harness/kernel.h"
#include "kernels/registry.h"
#include "tests/cmocka.h"

/* Where there is no such device no request is made, and the reason names it. */
static void elsewhere_every_variant_is_skipped(void **state)
{
	const struct kernel *kernel = registry_find("attest");

	(void)state;
	if (!access("/dev/sev-guest", F_OK) || !access("/sys/kernel/config/tsm/report", F_OK))
		skip_because("this is a confidential guest");
	assert_int_equal(kernel->variant_count, 4);
	for (size_t i = 0; i < kernel->variant_count; i++) {
		struct cell cell = {
		        .kernel = kernel, .variant = &kernel->variants[i], .threads = 1};
		const struct setup setup = {.cell = &cell, .platform = PLATFORM_NATIVE};
		struct err e = {""};
		void *s = NULL;

		assert_int_equal(kernel->probe(&setup, &e), -ENOTSUP);
		assert_says(e, kernel->variants[i].value == ATTEST_TSM ? "tsm" : "/dev/sev-guest");
		assert_int_equal(kernel->setup(&setup, &s, &e), -ENOTSUP);
		assert_null(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(elsewhere_every_variant_is_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
