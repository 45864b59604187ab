/* SPDX-License-Identifier: MIT */
/* The state is the kernel's own: the tests look into it. */
#include "kernels/hypercall.c"
#include "tests/cmocka.h"
#include "tests/kernels/disassembly.h"

static struct setup here(void)
{
	static struct cell cell = {.kernel = &kernel_hypercall, .threads = 1};

	cell.variant = &kernel_hypercall.variants[0];
	return (struct setup){.cell = &cell, .platform = PLATFORM_NOSEV};
}

static void without_kvm_it_is_skipped(void **state)
{
	const struct setup setup = here();
	struct err e = {""};

	(void)state;
	if (cpu_kvm_base())
		skip_because("this machine is a guest of KVM");
	assert_int_equal(kernel_hypercall.probe(&setup, &e), -ENOTSUP);
	assert_says(e, "CPUID shows no KVM");
}

static void under_kvm_it_is_refused_as_it_should(void **state)
{
	const struct setup setup = here();
	struct err e = {""};
	void *s = NULL;

	(void)state;
	if (!cpu_kvm_base())
		skip_because("this machine is no guest of KVM");
	if (kernel_hypercall.probe(&setup, &e))
		fail_msg("%s", e.text);
	assert_int_equal(kernel_hypercall.setup(&setup, &s, &e), 0);
	kernel_hypercall.run(s, 0, 3);
	if (kernel_hypercall.verify(s, &e))
		fail_msg("%s", e.text);
	kernel_hypercall.teardown(s);
}

static void another_answer_is_found(void **state)
{
	struct hypercall_state s = {.answer = KVM_EPERM};
	struct err e = {""};

	(void)state;
	assert_int_equal(kernel_hypercall.verify(&s, &e), -EIO);
	assert_says(e, "no hypercall was made");
	s.iterations = 1;
	assert_int_equal(kernel_hypercall.verify(&s, &e), 0);
	s.answer = -1000; /* KVM_ENOSYS */
	assert_int_equal(kernel_hypercall.verify(&s, &e), -EIO);
	assert_says(e, "-1000 instead of -1");
}

static void each_loop_has_one_instruction(void **state)
{
	(void)state;
	if (disassembly_count("hypercall_run", "") < 0)
		skip_because("the code cannot be disassembled here");
	assert_int_equal(disassembly_count("hypercall_run", "^vmmcall"), 1);
	assert_int_equal(disassembly_count("hypercall_run", "^vmcall"), 1);
	assert_int_equal(disassembly_count("hypercall_baseline", "^(vmm?call|call)"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(without_kvm_it_is_skipped),
	        cmocka_unit_test(under_kvm_it_is_refused_as_it_should),
	        cmocka_unit_test(another_answer_is_found),
	        cmocka_unit_test(each_loop_has_one_instruction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
