/* SPDX-License-Identifier: MIT */
/* Verdicts about made-up hosts: CPUID, KVM and files as such machines would show them. */
#include "vmrun/host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "tests/tree.h"

static char root[64];

static void put(const char *path, const char *text)
{
	FILE *file = tree_create(root, path + 1);

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void drop(const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", root, path);
	assert_int_equal(unlink(full), 0);
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

static void refused(struct fixture *f, enum platform platform, const char *why)
{
	assert_int_equal(host_can(&f->source, platform, &f->e), -ENOTSUP);
	if (!strstr(f->e.text, why))
		fail_msg("'%s' does not say '%s'", f->e.text, why);
}

static void test_everything_on(void **state)
{
	struct fixture *f = *state;

	for (int p = PLATFORM_NOSEV; p < PLATFORM_COUNT; p++)
		assert_int_equal(host_can(&f->source, (enum platform)p, &f->e), 0);
	assert_int_equal(host_cbit(&f->source), 51);
	f->machine.ebx = 47 | 5 << 6;
	assert_int_equal(host_cbit(&f->source), 47);
}

static void test_other_vendor(void **state)
{
	struct fixture *f = *state;

	f->machine.vendor = "GenuineIntel";
	assert_int_equal(host_can(&f->source, PLATFORM_NOSEV, &f->e), 0);
	refused(f, PLATFORM_SEV, "no AMD EPYC (CPUID says 'GenuineIntel')");
}

static void test_processor_without_the_mode(void **state)
{
	struct fixture *f = *state;

	f->machine.eax = 0x0f; /* Rome: no SNP */
	assert_int_equal(host_can(&f->source, PLATFORM_SEV_ES, &f->e), 0);
	refused(f, PLATFORM_SNP, "does not offer SEV-SNP (CPUID 0x8000001F EAX bit 4 is 0)");
	f->machine.eax = 0; /* no such leaf at all */
	refused(f, PLATFORM_SEV, "does not offer SEV (");
	assert_int_equal(host_cbit(&f->source), HOST_DEFAULT_CBIT);
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
	assert_int_equal(host_can(&f->source, PLATFORM_SEV, &f->e), 0);
	put("/sys/module/kvm_amd/parameters/sev", "1\n");
	assert_int_equal(host_can(&f->source, PLATFORM_SEV, &f->e), 0);
}

static void test_old_linux(void **state)
{
	struct fixture *f = *state;

	f->recorded.kvm.vm_types = 0;
	drop("/sys/module/kvm_amd/parameters/sev_snp");
	refused(f, PLATFORM_SNP, "needs Linux 6.11 or later");
	assert_int_equal(host_can(&f->source, PLATFORM_SEV, &f->e), 0);
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

/* The real ones, whatever this machine has. */
static void test_devices_here(void **state)
{
	struct sevfirmware_answer answer;
	struct host_device device;

	(void)state;
	assert_int_equal(host_device(&host_here, "/dev/null", &device), 0);
	assert_string_equal(device.owner, "root");
	assert_int_equal(device.mode, 0666);
	assert_int_equal(host_device(&host_here, "/dev/no-such-node", &device), -ENOENT);
	assert_string_equal(device.owner, "");
	sevfirmware_ask("/dev/no-such-node", &answer);
	assert_int_equal(answer.sev_rc, -ENOENT);
	assert_int_equal(answer.snp_rc, -ENOENT);
	sevfirmware_ask("/dev/null", &answer);
	assert_int_equal(answer.sev_rc, -ENOTTY);
	host_firmware(&host_here, &answer);
	if (access("/dev/sev", R_OK) != 0)
		assert_int_equal(answer.sev_rc, -errno);
}

/* Each field at its place of linux/psp-sev.h. */
static void test_firmware(void **state)
{
	static const struct sevfirmware_answer answer = {
	        .sev = {1, 55, 2, 0x01, 0x01, 0, 0, 21, 0x03, 0x02, 0, 0},
	        .snp_rc = -EINVAL,
	        .snp = {1, 58, 1, 1, 0x29, 0x01, 0, 0, 0, 0, 0, 0, 0x05, 0x01, 0, 0},
	};
	struct fixture *f = *state;
	struct sevfirmware_answer copy;
	struct sevfirmware sev;
	struct sevfirmware_snp snp;

	assert_int_equal(sevfirmware_sev(&answer, &sev), 0);
	assert_int_equal(sev.major, 1);
	assert_int_equal(sev.minor, 55);
	assert_int_equal(sev.build, 21);
	assert_int_equal(sev.state, SEVFIRMWARE_WORKING);
	assert_int_equal(sev.flags, SEVFIRMWARE_OWNED | SEVFIRMWARE_ES);
	assert_int_equal(sev.guests, 0x203);
	assert_int_equal(sevfirmware_snp(&answer, &snp), -EINVAL);
	assert_int_equal(snp.minor, 58);
	assert_int_equal(snp.build, 0x129);
	assert_int_equal(snp.state, SEVFIRMWARE_INIT);
	assert_true(snp.rmp);
	assert_int_equal(snp.guests, 0x105);
	assert_string_equal(sevfirmware_state_text(SEVFIRMWARE_STATES), "in an unknown state");
	host_firmware(&f->source, &copy);
	assert_int_equal(copy.sev_rc, -ENOENT); /* not recorded */
	f->recorded.firmware = &answer;
	host_firmware(&f->source, &copy);
	assert_memory_equal(&copy, &answer, sizeof(copy));
	refused(f, PLATFORM_SEV,
	        "as many encrypted guests run as there are ASIDs"); /* 515 of 509 */
}

static void test_types_of_kvm(void **state)
{
	struct fixture *f = *state;

	f->recorded.kvm.vm_types = 0xd; /* SEV and SEV-ES, not SNP */
	assert_int_equal(host_can(&f->source, PLATFORM_SEV_ES, &f->e), 0);
	refused(f, PLATFORM_SNP, "KVM_CAP_VM_TYPES is 0xd");
}

static void test_choice(void **state)
{
	struct fixture *f = *state;
	char text[16];

	put("/sys/a", "always [madvise] never\n");
	put("/sys/b", "Y\n");
	put("/sys/c", "");
	put("/sys/d", "averyverylongvaluethatdoesnotfit\n");
	assert_int_equal(host_read_choice(&f->source, "/sys/a", text, sizeof(text)), 0);
	assert_string_equal(text, "madvise");
	assert_int_equal(host_read_choice(&f->source, "/sys/b", text, sizeof(text)), 0);
	assert_string_equal(text, "Y");
	assert_int_equal(host_read_choice(&f->source, "/sys/c", text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(host_read_choice(&f->source, "/sys/d", text, sizeof(text)), 0);
	assert_string_equal(text, "averyverylongva");
	assert_int_equal(host_read_choice(&f->source, "/sys/none", text, sizeof(text)), -ENOENT);
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
	        t(test_devices_here),
	        t(test_firmware),
	        t(test_types_of_kvm),
	        t(test_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
