/* SPDX-License-Identifier: MIT */
/* A made-up host: CPUID, KVM and files as such a machine would show them. */
#ifndef TESTS_VMRUN_HOST_MACHINE_H
#define TESTS_VMRUN_HOST_MACHINE_H

#include "tests/cmocka.h"
#include "tests/tree.h"
#include "vmrun/host/host.h"

static char root[64];

static void put(const char *path, const char *text)
{
	FILE *file = tree_create(root, path + 1);

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* An EPYC whose 0x8000001F says what eax and ebx say. */
struct machine {
	struct cpu_source cpu; /* first: the callback gets this */
	uint32_t eax, ebx;
	const char *vendor;
};

static void machine_cpuid(const struct cpu_source *source, uint32_t leaf, uint32_t subleaf,
                          uint32_t regs[4])
{
	const struct machine *m = (const void *)source;

	(void)subleaf;
	memset(regs, 0, 4 * sizeof(*regs));
	if (leaf == 0) {
		regs[CPU_EAX] = 0x10;
		memcpy(&regs[CPU_EBX], m->vendor, 4);
		memcpy(&regs[CPU_EDX], m->vendor + 4, 4);
		memcpy(&regs[CPU_ECX], m->vendor + 8, 4);
	} else if (leaf == 0x80000000) {
		regs[CPU_EAX] = m->eax ? 0x80000023 : 0x80000008;
	} else if (leaf == 0x8000001f) {
		regs[CPU_EAX] = m->eax;
		regs[CPU_EBX] = m->ebx;
		regs[CPU_ECX] = 509;
		regs[CPU_EDX] = 100;
	}
}

static uint64_t machine_xcr0(const struct cpu_source *source)
{
	(void)source;
	return 0;
}

struct fixture {
	struct machine machine;
	struct host_device devices[2];
	struct host_recording recorded;
	struct host_source source;
	struct err e;
};

/* Milan with everything on. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(root, sizeof(root), "/tmp/test_host-XXXXXX");
	assert_non_null(mkdtemp(root));
	f->machine = (struct machine){.cpu = {machine_cpuid, machine_xcr0},
	                              .eax = 0x1b,
	                              .ebx = 51 | 5 << 6,
	                              .vendor = "AuthenticAMD"};
	f->recorded.kvm = (struct kvmprobe){.works = true, .speed = 3e9, .vm_types = 0x1d};
	f->devices[0] = (struct host_device){"/dev/kvm", 0, "root", "kvm", 0660};
	f->devices[1] = (struct host_device){"/dev/sev", 0, "root", "kvm", 0660};
	f->recorded.devices = f->devices;
	f->recorded.device_count = 2;
	f->source = (struct host_source){
	        .root = root, .cpu = &f->machine.cpu, .recorded = &f->recorded};
	put("/sys/class/iommu/ivhd0/amd-iommu/cap", "190b640f\n");
	put("/sys/module/kvm_amd/parameters/sev", "Y\n");
	put("/sys/module/kvm_amd/parameters/sev_es", "Y\n");
	put("/sys/module/kvm_amd/parameters/sev_snp", "Y\n");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return tree_remove(root);
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
