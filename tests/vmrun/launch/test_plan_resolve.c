/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_resolve.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/vmrun/launch/planned.h"
#include "vmrun/launch/plan_firmware.h"

/* The host's inability is a weightier reason than QEMU's. */
static void test_encrypted_on_a_host_that_cannot(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	char image_path[64];
	struct err e;
	FILE *image;

	(void)state;
	recorded.kvm = (struct kvmprobe){.reason = "it only emulates"};
	spec.platform = PLATFORM_SNP;
	assert_int_equal(resolve(&spec, &plan, &e), -EINVAL);
	assert_says(e, "needs OVMF");
	spec.emulate = VM_EMULATE_NEVER;
	snprintf(image_path, sizeof(image_path), "%s/empty.bin", root);
	image = tree_create(root, "empty.bin");
	assert_int_equal(ftruncate(fileno(image), 1 << 16), 0);
	fclose(image);
	spec.firmware = image_path; /* any image: nobody asks what it can here */
	spec.memory = 256ULL << 20;
	assert_int_equal(resolve(&spec, &plan, &e), -ENOTSUP);
	assert_null(strstr(e.text, "sev-snp-guest"));
}

/* Whatever launches it, an image without what SEV-ES and SNP need is none for them. */
static void test_firmware_of_another_kind(void **state)
{
	static const enum platform platforms[] = {PLATFORM_SEV_ES, PLATFORM_SNP};
	struct vm_spec spec = plain();
	static struct plan plan;
	struct err e;
	FILE *image;

	(void)state;
	snprintf(plan.firmware, sizeof(plan.firmware), "%s/bios.bin", root);
	image = tree_create(root, "bios.bin");
	assert_int_equal(ftruncate(fileno(image), 1 << 16), 0);
	fclose(image);
	for (size_t i = 0; i < 2; i++) {
		spec.platform = platforms[i];
		spec.firmware = plan.firmware;
		assert_int_equal(plan_firmware_allow(&spec, &plan, &e), -EINVAL);
		assert_says(e, "use a generic OVMF.fd");
		spec.firmware = NULL; /* the one that was found: another host has another */
		assert_int_equal(plan_firmware_allow(&spec, &plan, &e), -ENOTSUP);
	}
	spec.platform = PLATFORM_NOSEV;
	assert_int_equal(plan_firmware_allow(&spec, &plan, &e), 0);
	plan.firmware[0] = '\0';
	spec.platform = PLATFORM_SNP;
	assert_int_equal(plan_firmware_allow(&spec, &plan, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_encrypted_on_a_host_that_cannot),
	        t(test_firmware_of_another_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
