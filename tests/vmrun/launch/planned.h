/* SPDX-License-Identifier: MIT */
/* A made-up machine with a guest kernel, on which guests are planned. */
#ifndef TESTS_VMRUN_LAUNCH_PLANNED_H
#define TESTS_VMRUN_LAUNCH_PLANNED_H

#include "tests/cmocka.h"
#include "tests/skip.h"
#include "tests/vmrun/bzimage.h"
#include "vmrun/launch/plan_resolve.h"

static char root[] = "/tmp/planned-XXXXXX";

static char kernel[128];
static const struct host_device kvm_device = {.path = "/dev/kvm", .mode = 0660};
static struct host_recording recorded;
static struct host_source host;

static inline int setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/planned-XXXXXX");
	assert_non_null(mkdtemp(root));
	bzimage_make(root, "boot/vmlinuz-6.12.1-test", "6.12.1-test");
	fclose(tree_create(root, "lib/modules/6.12.1-test/modules.dep"));
	snprintf(kernel, sizeof(kernel), "%s/boot/vmlinuz-6.12.1-test", root);
	recorded = (struct host_recording){.kvm = {.works = true, .speed = 3e9, .vm_types = 1},
	                                   .devices = &kvm_device,
	                                   .device_count = 1};
	host = (struct host_source){.root = root, .cpu = &cpu_here, .recorded = &recorded};
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	return tree_remove(root);
}

static inline struct vm_spec plain(void)
{
	return (struct vm_spec){.platform = PLATFORM_NOSEV,
	                        .firmware = "default",
	                        .kernel = kernel,
	                        .memory = 128ULL << 20,
	                        .vcpus = 1};
}

static inline int resolve(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	int rc = plan_resolve(spec, &host, plan, e);

	if (rc && strstr(e->text, "QEMU is missing"))
		skip_because("%s", e->text);
	return rc;
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
