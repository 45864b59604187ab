/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The state is the kernel's own: the tests look into it. */
#include "kernels/cpuid.c"
#include "tests/kernels/disassembly.h"
#include "tests/skip.h"

static struct cpuid_state *set_up(const char *variant)
{
	const struct cell cell = {.kernel = &kernel_cpuid,
	                          .variant = kernel_variant(&kernel_cpuid, variant),
	                          .threads = 1};
	const struct setup setup = {.cell = &cell, .platform = PLATFORM_NATIVE};
	struct err e;
	void *state = NULL;

	assert_non_null(cell.variant);
	assert_int_equal(kernel_cpuid.setup(&setup, &state, &e), 0);
	return state;
}

static void every_leaf_verifies(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_cpuid.variant_count; i++) {
		struct cpuid_state *s = set_up(kernel_cpuid.variants[i].name);
		struct err e = {""};

		kernel_cpuid.run(s, 0, 3);
		kernel_cpuid.run(s, 0, 2);
		assert_int_equal(s->iterations, 5);
		if (kernel_cpuid.verify(s, &e))
			fail_msg("%s: %s", kernel_cpuid.variants[i].name, e.text);
		kernel_cpuid.teardown(s);
	}
}

static void leaf_0_is_the_vendor(void **unused)
{
	struct cpuid_state *s = set_up("0x0");

	(void)unused;
	kernel_cpuid.run(s, 0, 1);
	/* "Genu"ine, "Auth"entic, "Hygo"n: a vendor is printable. */
	for (unsigned i = 0; i < 4; i++)
		assert_in_range(s->regs[1] >> (8 * i) & 0xff, ' ', '~');
	assert_true(s->regs[0] >= 0x1);
	kernel_cpuid.teardown(s);
}

static void nothing_done_is_found(void **unused)
{
	struct cpuid_state *s = set_up("0x0");
	struct err e = {""};

	(void)unused;
	assert_int_equal(kernel_cpuid.verify(s, &e), -EIO);
	kernel_cpuid.baseline(s, 0, 10);
	assert_int_equal(kernel_cpuid.verify(s, &e), -EIO);
	assert_string_equal(e.text, "no CPUID was executed");
	kernel_cpuid.teardown(s);
}

static void a_wrong_answer_is_found(void **unused)
{
	struct cpuid_state *s = set_up("0x1");
	struct err e = {""};

	(void)unused;
	kernel_cpuid.run(s, 0, 1);
	s->regs[1] ^= 0xff000000; /* the APIC id: another CPU answered */
	assert_int_equal(kernel_cpuid.verify(s, &e), 0);
	s->regs[3] ^= 1;
	assert_int_equal(kernel_cpuid.verify(s, &e), -EIO);
	assert_non_null(strstr(e.text, "leaf 0x1 gave EDX="));
	kernel_cpuid.teardown(s);
}

static void the_loop_is_the_instruction(void **unused)
{
	(void)unused;
	if (disassembly_count("cpuid_run", "") < 0)
		skip_because(
		        "the compiled loop cannot be read: no objdump, or sanitizers inside it");
	assert_int_equal(disassembly_count("cpuid_run", "^cpuid"), 1);
	assert_int_equal(disassembly_count("cpuid_run", "^call"), 0);
	assert_int_equal(disassembly_count("cpuid_baseline", "^(cpuid|call)"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_leaf_verifies),
	        cmocka_unit_test(leaf_0_is_the_vendor),
	        cmocka_unit_test(nothing_done_is_found),
	        cmocka_unit_test(a_wrong_answer_is_found),
	        cmocka_unit_test(the_loop_is_the_instruction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
