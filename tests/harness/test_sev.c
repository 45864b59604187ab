/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/sev.h"
#include "tests/harness/cpu_table.h"

#define HYPERVISOR (1U << 31)

/* A machine: CPUID, SEV_STATUS and the files under a root of its own. */
struct machine {
	char root[64];
	struct cpu_leaf leaves[5];
	struct cpu_table cpu;
};

static void path_in(const struct machine *m, const char *name, char path[256])
{
	snprintf(path, 256, "%s%s", m->root, name);
}

static void make_directory(const struct machine *m, const char *name)
{
	char path[256];

	path_in(m, name, path);
	for (char *p = strchr(path + strlen(m->root) + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(path, 0755);
		*p = '/';
	}
	(void)mkdir(path, 0755);
}

static int setup(void **state)
{
	static const struct cpu_leaf plain[] = {
	        {0x0, 0, {0x10, 0, 0, 0}},
	        {0x1, 0, {0, 0, 0, 0}},
	        {0x40000000, 0, {0x40000001, 0, 0, 0}},
	        {0x80000000, 0, {0x80000021, 0, 0, 0}},
	        {0x8000001f, 0, {0, 0, 0, 0}},
	};
	struct machine *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	snprintf(m->root, sizeof(m->root), "/tmp/test_sev.XXXXXX");
	assert_non_null(mkdtemp(m->root));
	memcpy(m->leaves, plain, sizeof(plain));
	m->cpu = CPU_TABLE(m->leaves);
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = {
	        "/dev/cpu/0/msr",
	        "/dev/cpu/0",
	        "/dev/cpu",
	        "/dev/kmsg",
	        "/dev",
	        "/sys/devices/system/cpu/sev",
	        "/sys/devices/system/cpu",
	        "/sys/devices/system",
	        "/sys/devices",
	        "/sys",
	        "",
	};
	struct machine *m = *state;
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_in(m, names[i], path);
		(void)remove(path);
	}
	assert_int_not_equal(access(m->root, F_OK), 0);
	free(m);
	return 0;
}

static void under(struct machine *m, const char *signature)
{
	m->leaves[1].regs[CPU_ECX] = HYPERVISOR;
	memcpy(&m->leaves[2].regs[CPU_EBX], signature, strlen(signature));
}

/* An EPYC 7713's answer (Milan): SME, SEV, ES, SNP and more; C-bit 51. */
static void milan(struct machine *m)
{
	static const uint32_t regs[4] = {0x0000780f, 0x00004173, 0x1fd, 0x1};

	memcpy(m->leaves[4].regs, regs, sizeof(regs));
}

static void write_status(const struct machine *m, uint64_t status, size_t bytes)
{
	char path[256];
	int fd;

	make_directory(m, "/dev/cpu/0");
	path_in(m, "/dev/cpu/0/msr", path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &status, bytes, SEV_STATUS_MSR), bytes);
	close(fd);
}

static void write_log(const struct machine *m, const char *text)
{
	char path[256];
	FILE *f;

	make_directory(m, "/dev");
	path_in(m, "/dev/kmsg", path);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static struct sev_observation observe(const struct machine *m, int wanted)
{
	struct sev_observation o;
	struct err e = {""};

	assert_int_equal(sev_observe_at(&m->cpu.source, m->root, &o, &e), wanted);
	assert_int_equal(e.text[0] != '\0', wanted != 0);
	assert_true(o.how[0] != '\0');
	return o;
}

static void test_native_intel(void **state)
{
	struct machine *m = *state;
	struct sev_observation o;

	/* Intel answers a leaf beyond its maximum with data of another one. */
	m->leaves[3].regs[CPU_EAX] = 0x80000008;
	m->leaves[4].regs[CPU_EAX] = 0xffffffff;
	o = observe(m, 0);
	assert_int_equal(o.platform, PLATFORM_NATIVE);
	assert_int_equal(o.accel, ACCEL_NONE);
	assert_false(o.cpuid_sev);
	assert_int_equal(o.cpuid_8000001f[CPU_EAX], 0);
	assert_string_equal(o.hypervisor, "");
}

/* A host that can launch SEV guests is no SEV guest. */
static void test_native_naples(void **state)
{
	struct machine *m = *state;
	struct sev_observation o;

	m->leaves[4].regs[CPU_EAX] = 0xf;
	m->leaves[4].regs[CPU_EBX] = 0x16f;
	o = observe(m, 0);
	assert_int_equal(o.platform, PLATFORM_NATIVE);
	assert_true(o.cpuid_sev);
	assert_false(o.status_known);
	write_status(m, 0, 8);
	o = observe(m, 0);
	assert_int_equal(o.platform, PLATFORM_NATIVE);
	assert_true(o.status_known);
}

static void test_kvm_modes(void **state)
{
	struct machine *m = *state;
	struct sev_observation o;
	static const struct {
		uint64_t status;
		enum platform platform;
	} rows[] = {
	        {0x0, PLATFORM_NOSEV},    {0x1, PLATFORM_SEV},          {0x3, PLATFORM_SEV_ES},
	        {0x7, PLATFORM_SNP},      {0x83, PLATFORM_SEV_ES},      {0x10207, PLATFORM_SNP},
	        {0xf, PLATFORM_SNP_VTOM}, {0x1020f, PLATFORM_SNP_VTOM},
	};

	under(m, "KVMKVMKVM");
	milan(m);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		write_status(m, rows[i].status, 8);
		o = observe(m, 0);
		assert_int_equal(o.platform, rows[i].platform);
		assert_int_equal(o.accel, ACCEL_KVM);
		assert_true(o.status_known);
		assert_int_equal(o.status, rows[i].status);
		assert_int_equal(o.cpuid_8000001f[CPU_EBX], 0x4173);
	}
}

/* The MSR is not touched, whatever it holds, unless CPUID says SEV. */
static void test_kvm_nosev(void **state)
{
	struct machine *m = *state;
	struct sev_observation o;

	under(m, "KVMKVMKVM");
	write_status(m, 7, 8);
	o = observe(m, 0);
	assert_int_equal(o.platform, PLATFORM_NOSEV);
	assert_int_equal(o.accel, ACCEL_KVM);
	assert_false(o.status_known);
	assert_int_equal(o.status, 0);
}

/* QEMU up to 11.1 without KVM: the leaf of an EPYC lies beyond the maximum and shows another leaf's
 * data. */
static void test_tcg_overlap(void **state)
{
	struct machine *m = *state;
	struct sev_observation o;

	under(m, "TCGTCGTCGTCG");
	m->leaves[3].regs[CPU_EAX] = 0x8000000a;
	m->leaves[4].regs[CPU_EAX] = 0xf;
	write_status(m, 7, 8);
	o = observe(m, 0);
	assert_int_equal(o.platform, PLATFORM_NOSEV);
	assert_int_equal(o.accel, ACCEL_TCG);
	assert_string_equal(o.hypervisor, "TCGTCGTCGTCG");
	assert_false(o.cpuid_sev);
}

static void test_unknown_hypervisor(void **state)
{
	struct machine *m = *state;
	struct sev_observation o;

	under(m, "VMwareVMware");
	o = observe(m, 0);
	assert_int_equal(o.platform, PLATFORM_NOSEV);
	assert_int_equal(o.accel, ACCEL_UNKNOWN);
}

/* A guest whose hypervisor hides its bit is still an SEV guest. */
static void test_hidden_hypervisor(void **state)
{
	struct machine *m = *state;
	struct sev_observation o;

	milan(m);
	write_status(m, 1, 8);
	o = observe(m, 0);
	assert_int_equal(o.platform, PLATFORM_SEV);
	assert_int_equal(o.accel, ACCEL_UNKNOWN);
}

static void test_log_without_msr(void **state)
{
	struct machine *m = *state;
	struct sev_observation o;
	static const struct {
		const char *log;
		enum platform platform;
	} rows[] = {
	        {"6,1,0,-;x\n6,2,0,-;Memory Encryption Features active: AMD SEV\n", PLATFORM_SEV},
	        {"6,2,0,-;Memory Encryption Features active: AMD SEV SEV-ES\n", PLATFORM_SEV_ES},
	        {"6,2,0,-;Memory Encryption Features active: AMD SEV SEV-ES SEV-SNP\n",
	         PLATFORM_SNP},
	        {"6,2,0,-;AMD Memory Encryption Features active: SEV SEV-ES\n", PLATFORM_SEV_ES},
	};

	under(m, "KVMKVMKVM");
	milan(m);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		write_log(m, rows[i].log);
		o = observe(m, 0);
		assert_int_equal(o.platform, rows[i].platform);
		assert_false(o.status_known);
	}
}

/* A process may write to the log, but only under a facility that is not Linux's. */
static void test_log_forged(void **state)
{
	struct machine *m = *state;
	struct sev_observation o;

	under(m, "KVMKVMKVM");
	milan(m);
	write_log(m, "12,1,0,-;Memory Encryption Features active: AMD SEV SEV-ES SEV-SNP\n"
	             " SUBSYSTEM=Memory Encryption Features active: AMD SEV\n"
	             "6,2,0,-;Memory Encryption Features active: AMD SME\n");
	o = observe(m, -ENODATA);
	assert_true(o.cpuid_sev);
	assert_int_equal(o.platform, PLATFORM_UNKNOWN);
}

static void test_mode_cannot_be_told(void **state)
{
	struct machine *m = *state;
	struct err e = {""};
	struct sev_observation o;

	under(m, "KVMKVMKVM");
	milan(m);
	assert_int_equal(sev_observe_at(&m->cpu.source, m->root, &o, &e), -ENODATA);
	assert_int_equal(o.platform, PLATFORM_UNKNOWN);
	assert_non_null(strstr(e.text, "/dev/cpu/0/msr"));
	assert_non_null(strstr(e.text, "modprobe msr"));
	assert_non_null(strstr(e.text, "No such file"));
	write_status(m, 1, 3); /* a short read */
	observe(m, -ENODATA);
	assert_int_equal(sev_observe_at(&m->cpu.source, m->root, &o, NULL), -ENODATA);
}

static void test_snp_by_sysfs(void **state)
{
	struct machine *m = *state;
	struct sev_observation o;

	make_directory(m, "/sys/devices/system/cpu/sev");
	under(m, "Microsoft Hv");
	o = observe(m, 0);
	assert_int_equal(o.platform, PLATFORM_SNP);
	milan(m);
	o = observe(m, 0);
	assert_int_equal(o.platform, PLATFORM_SNP);
}

static void test_this_machine(void **state)
{
	struct sev_observation o;
	struct err e;

	(void)state;
	if (sev_observe(&o, &e) != 0)
		skip_because("%s", e.text);
	assert_in_range(o.platform, 0, PLATFORM_COUNT - 1);
	assert_int_equal(o.platform == PLATFORM_NATIVE, o.accel == ACCEL_NONE);
}

static void test_names(void **state)
{
	enum platform p;
	enum accel a;
	struct err e = {""};

	(void)state;
	for (int i = 0; i < PLATFORM_COUNT; i++) {
		assert_int_equal(platform_parse(platform_name((enum platform)i), &p, &e), 0);
		assert_int_equal(p, i);
	}
	for (int i = 0; i < ACCEL_COUNT; i++) {
		assert_int_equal(accel_parse(accel_name((enum accel)i), &a, &e), 0);
		assert_int_equal(a, i);
	}
	assert_int_equal(platform_parse("SEV", &p, &e), -EINVAL);
	assert_non_null(strstr(e.text, "'SEV'"));
	assert_int_equal(platform_parse("", &p, NULL), -EINVAL);
	assert_int_equal(accel_parse("hvf", &a, &e), -EINVAL);
	assert_non_null(strstr(e.text, "'hvf'"));
}

static void test_traits(void **state)
{
	(void)state;
	assert_false(sev_traits(PLATFORM_NATIVE)->memory_encrypted);
	assert_false(sev_traits(PLATFORM_NOSEV)->vc);
	assert_true(sev_traits(PLATFORM_SEV)->memory_encrypted);
	assert_true(sev_traits(PLATFORM_SEV)->user_mmio);
	assert_false(sev_traits(PLATFORM_SEV)->vc);
	assert_true(sev_traits(PLATFORM_SEV_ES)->vc);
	assert_false(sev_traits(PLATFORM_SEV_ES)->user_mmio);
	assert_false(sev_traits(PLATFORM_SEV_ES)->cpuid_page);
	assert_false(sev_traits(PLATFORM_SNP)->user_port_by_iopl);
	assert_true(sev_traits(PLATFORM_SNP)->cpuid_page);
	assert_true(sev_traits(PLATFORM_SNP)->page_state_change);
	/* The paravisor stands where Linux stands under SNP. */
	assert_true(sev_traits(PLATFORM_SNP_VTOM)->paravisor);
	assert_true(sev_traits(PLATFORM_SNP_VTOM)->sev);
	assert_false(sev_traits(PLATFORM_SNP_VTOM)->vc);
	assert_false(sev_traits(PLATFORM_SNP_VTOM)->cpuid_page);
	assert_false(sev_traits(PLATFORM_SNP)->paravisor);
	assert_true(sev_traits(PLATFORM_TDX)->memory_encrypted);
	assert_false(sev_traits(PLATFORM_TDX)->sev);
	assert_false(sev_traits(PLATFORM_UNKNOWN)->memory_encrypted);
	for (int p = 0; p < PLATFORM_COUNT; p++) {
		assert_int_equal(sev_traits((enum platform)p)->memory_plain,
		                 p == PLATFORM_NATIVE || p == PLATFORM_NOSEV);
		assert_int_equal(sev_traits((enum platform)p)->virtual_machine,
		                 p != PLATFORM_NATIVE);
		assert_int_equal(platform_about((enum platform)p) != NULL,
		                 p != PLATFORM_NATIVE && !platform_launched((enum platform)p));
	}
}

#define machine_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        machine_test(test_native_intel),      machine_test(test_native_naples),
	        machine_test(test_kvm_modes),         machine_test(test_kvm_nosev),
	        machine_test(test_tcg_overlap),       machine_test(test_unknown_hypervisor),
	        machine_test(test_hidden_hypervisor), machine_test(test_log_without_msr),
	        machine_test(test_log_forged),        machine_test(test_mode_cannot_be_told),
	        machine_test(test_snp_by_sysfs),      cmocka_unit_test(test_this_machine),
	        cmocka_unit_test(test_names),         cmocka_unit_test(test_traits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
