/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_resolve.h"

#include <errno.h>

#include "tests/vmrun/launch/planned.h"

/* The host's inability is a weightier reason than QEMU's. */
static void test_encrypted_on_a_host_that_cannot(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	struct err e;

	(void)state;
	recorded.kvm = (struct kvmprobe){.reason = "it only emulates"};
	spec.platform = PLATFORM_SNP;
	assert_int_equal(resolve(&spec, &plan, &e), -EINVAL);
	assert_says(e, "needs OVMF");
	spec.firmware = kernel; /* any file: nobody looks into it here */
	spec.memory = 256ULL << 20;
	assert_int_equal(resolve(&spec, &plan, &e), -ENOTSUP);
	assert_null(strstr(e.text, "sev-snp-guest"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_encrypted_on_a_host_that_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
