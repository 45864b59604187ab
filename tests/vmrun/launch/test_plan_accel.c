/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_accel.h"

#include <errno.h>

#include "tests/vmrun/launch/planned.h"

static void test_accelerator(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	struct err e;

	(void)state;
	assert_int_equal(resolve(&spec, &plan, &e), 0);
	assert_int_equal(plan.argv.accel, ACCEL_KVM);
	assert_string_equal(plan.argv.cpu_model, "host");
	assert_null(plan.argv.firmware);

	recorded.kvm = (struct kvmprobe){.reason = "it only emulates"};
	assert_int_equal(resolve(&spec, &plan, &e), 0);
	assert_int_equal(plan.argv.accel, ACCEL_TCG);
	assert_string_equal(plan.argv.cpu_model, "max");
	assert_string_equal(plan.accel_why, "it only emulates");
	assert_true(plan.boot_seconds > 0);

	spec.accel = ACCEL_KVM;
	assert_int_equal(resolve(&spec, &plan, &e), -ENOTSUP);
	assert_string_equal(e.text, "it only emulates");
	spec.accel = ACCEL_UNKNOWN;
	assert_int_equal(resolve(&spec, &plan, &e), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_accelerator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
