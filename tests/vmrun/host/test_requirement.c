/* SPDX-License-Identifier: MIT */
/* Verdicts about made-up hosts. */
#include "vmrun/host/requirement.h"

#include <errno.h>
#include <unistd.h>

#include "tests/vmrun/host/machine.h"

static void drop(const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", root, path);
	assert_int_equal(unlink(full), 0);
}

static void refused(struct fixture *f, enum platform platform, const char *why)
{
	assert_int_equal(requirement_allow(&f->source, platform, &f->e), -ENOTSUP);
	if (!strstr(f->e.text, why))
		fail_msg("'%s' does not say '%s'", f->e.text, why);
}

static void test_everything_on(void **state)
{
	struct fixture *f = *state;

	for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++)
		assert_int_equal(requirement_allow(&f->source, (enum platform)p, &f->e), 0);
}

static void test_other_vendor(void **state)
{
	struct fixture *f = *state;

	f->machine.vendor = "GenuineIntel";
	assert_int_equal(requirement_allow(&f->source, PLATFORM_NOSEV, &f->e), 0);
	refused(f, PLATFORM_SEV, "no AMD EPYC (CPUID says 'GenuineIntel')");
}

static void test_processor_without_the_mode(void **state)
{
	struct fixture *f = *state;

	f->machine.eax = 0x0f; /* Rome: no SNP */
	assert_int_equal(requirement_allow(&f->source, PLATFORM_SEV_ES, &f->e), 0);
	refused(f, PLATFORM_SNP, "does not offer SEV-SNP (CPUID 0x8000001F EAX bit 4 is 0)");
	f->machine.eax = 0; /* no such leaf at all */
	refused(f, PLATFORM_SEV, "does not offer SEV (");
}

static void test_kvm_that_only_emulates(void **state)
{
	struct fixture *f = *state;

	f->recorded.kvm = (struct kvmprobe){.reason = "/dev/kvm only emulates"};
	refused(f, PLATFORM_NOSEV, "/dev/kvm only emulates");
	refused(f, PLATFORM_SNP, "/dev/kvm only emulates");
}

static void test_module_parameters(void **state)
{
	struct fixture *f = *state;

	put("/sys/module/kvm_amd/parameters/sev_snp", "N\n");
	refused(f, PLATFORM_SNP, "sev_snp is N");
	put("/sys/module/kvm_amd/parameters/sev_es", "0\n");
	refused(f, PLATFORM_SEV_ES, "sev_es is 0");
	assert_int_equal(requirement_allow(&f->source, PLATFORM_SEV, &f->e), 0);
	put("/sys/module/kvm_amd/parameters/sev", "1\n");
	assert_int_equal(requirement_allow(&f->source, PLATFORM_SEV, &f->e), 0);
}

static void test_old_linux(void **state)
{
	struct fixture *f = *state;

	f->recorded.kvm.vm_types = 0;
	drop("/sys/module/kvm_amd/parameters/sev_snp");
	refused(f, PLATFORM_SNP, "needs Linux 6.11 or later");
	assert_int_equal(requirement_allow(&f->source, PLATFORM_SEV, &f->e), 0);
	drop("/sys/module/kvm_amd/parameters/sev_es");
	drop("/sys/module/kvm_amd/parameters/sev");
	refused(f, PLATFORM_SEV, "kvm_amd is not loaded");
}

static void test_no_device(void **state)
{
	struct fixture *f = *state;

	f->devices[1].rc = -EACCES;
	f->devices[1].mode = 0660;
	refused(f, PLATFORM_SEV,
	        "/dev/sev is for the group kvm, and this user is not in it: "
	        "'usermod -aG kvm USER'");
	f->devices[1].mode = 0600;
	refused(f, PLATFORM_SEV, "/dev/sev is for its owner root alone: become root");
	f->recorded.device_count = 1;
	refused(f, PLATFORM_SEV, "no /dev/sev");
	f->devices[0].rc = -EACCES;
	refused(f, PLATFORM_NOSEV, "/dev/kvm is for the group kvm");
}

/* What the firmware says is a reason too. */
static void test_no_asid_is_left(void **state)
{
	static const struct sevfirmware_answer answer = {
	        .sev = {1, 55, 2, 0x01, 0x01, 0, 0, 21, 0x03, 0x02, 0, 0},
	        .snp_rc = -EINVAL,
	};
	struct fixture *f = *state;

	f->recorded.firmware = &answer;
	refused(f, PLATFORM_SEV,
	        "as many encrypted guests run as there are ASIDs"); /* 515 of 509 */
}

static void test_types_of_kvm(void **state)
{
	struct fixture *f = *state;

	snprintf(f->recorded.release, sizeof(f->recorded.release), "6.12.9-amd64");
	f->recorded.kvm.vm_types = 0xd; /* SEV and SEV-ES, not SNP */
	assert_int_equal(requirement_allow(&f->source, PLATFORM_SEV_ES, &f->e), 0);
	refused(f, PLATFORM_SNP, "KVM_CAP_VM_TYPES is 0xd");
	/* Linux 6.8 and 6.9 have no bits for SEV, and make such guests. */
	snprintf(f->recorded.release, sizeof(f->recorded.release), "6.8.0-45-generic");
	f->recorded.kvm.vm_types = 3;
	assert_int_equal(requirement_allow(&f->source, PLATFORM_SEV_ES, &f->e), 0);
}

/* What follows from a row before is no reason of its own; what does not is. */
static void test_first_cause(void **state)
{
	struct fixture *f = *state;
	char units[sizeof(root) + 32];

	snprintf(units, sizeof(units), "%s/sys/class/iommu", root);
	assert_int_equal(tree_remove(units), 0);
	assert_int_equal(requirement_allow(&f->source, PLATFORM_SNP, &f->e), 0);
	put("/sys/module/kvm_amd/parameters/sev_snp", "N\n");
	refused(f, PLATFORM_SNP, "SNP needs the IOMMU");
	drop("/sys/module/kvm_amd/parameters/sev_snp");
	refused(f, PLATFORM_SNP, "needs Linux 6.11 or later");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_everything_on),
	        t(test_other_vendor),
	        t(test_processor_without_the_mode),
	        t(test_kvm_that_only_emulates),
	        t(test_module_parameters),
	        t(test_old_linux),
	        t(test_no_device),
	        t(test_no_asid_is_left),
	        t(test_types_of_kvm),
	        t(test_first_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
