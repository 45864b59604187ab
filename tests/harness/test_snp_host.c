/* SPDX-License-Identifier: MIT */
#include "harness/snp_host.h"

#include <errno.h>
#include <stdlib.h>

#include "harness/msr.h"
#include "tests/cmocka.h"
#include "tests/harness/cpu_table.h"
#include "tests/tree.h"

#define HYPERVISOR (1U << 31)

/* An EPYC 7313 (Milan), leaf 0x8000001F as it was recorded there. */
struct machine {
	char root[64];
	struct cpu_leaf leaves[4];
	struct cpu_table cpu;
};

static int begin(void **state)
{
	static const struct cpu_leaf milan[] = {
	        {0x0, 0, {0x10, 0, 0, 0}},
	        {0x1, 0, {0, 0, 0, 0}},
	        {0x80000000, 0, {0x80000023, 0, 0, 0}},
	        {0x8000001f, 0, {0x0101fd3f, 0x4133, 0xfd, 0xf}},
	};
	struct machine *m = calloc(1, sizeof(*m));

	memcpy(m->leaves, milan, sizeof(milan));
	m->cpu = CPU_TABLE(m->leaves);
	snprintf(m->root, sizeof(m->root), "/tmp/test_snp_host.XXXXXX");
	*state = m;
	return mkdtemp(m->root) ? 0 : -1;
}

static int end(void **state)
{
	struct machine *m = *state;
	int rc = tree_remove(m->root);

	free(m);
	return rc;
}

static void write_syscfg(const struct machine *m, uint64_t value)
{
	FILE *f = tree_create(m->root, "dev/cpu/0/msr");

	assert_non_null(f);
	assert_int_equal(fseek(f, (long)SNP_HOST_SYSCFG, SEEK_SET), 0);
	assert_int_equal(fwrite(&value, sizeof(value), 1, f), 1);
	assert_int_equal(fclose(f), 0);
}

static void write_parameter(const struct machine *m, const char *value)
{
	FILE *f = tree_create(m->root, "sys/module/kvm_amd/parameters/sev_snp");

	assert_non_null(f);
	fputs(value, f);
	assert_int_equal(fclose(f), 0);
}

static void expect(const struct machine *m, bool known, bool on, const char *says)
{
	struct snp_host o;

	snp_host_observe_at(&m->cpu.source, m->root, &o);
	assert_int_equal(o.known, known);
	assert_int_equal(o.on, on);
	if (!strstr(o.how, says))
		fail_msg("'%s' is not in '%s'", says, o.how);
}

/* As EPYC hosts with SNP on showed it (0x3fc0000), and the same without bit 24. */
static void syscfg_decides(void **state)
{
	write_syscfg(*state, 0x3fc0000);
	expect(*state, true, true, "bit 24");
	write_syscfg(*state, 0x2fc0000);
	write_parameter(*state, "Y\n");
	expect(*state, true, false, "bit 24");
}

/* N says that KVM makes no SNP guests, and not that writes are unchecked. */
static void kvm_knows_that_it_is_on(void **state)
{
	write_parameter(*state, "Y\n");
	expect(*state, true, true, "kvm_amd");
	write_parameter(*state, "N\n");
	expect(*state, false, false, "modprobe msr");
}

static void nobody_says(void **state)
{
	expect(*state, false, false, "modprobe msr");
}

/* An EPYC 7402 (Rome) has SEV-ES and no SNP; Intel has no such leaf. */
static void a_processor_without_snp(void **state)
{
	struct machine *m = *state;

	m->leaves[3].regs[CPU_EAX] = 0x0001000f;
	expect(m, true, false, "no SNP");
	m->leaves[2].regs[CPU_EAX] = 0x80000008;
	m->leaves[3].regs[CPU_EAX] = UINT32_MAX;
	expect(m, true, false, "no SNP");
}

static void a_guest_cannot_tell(void **state)
{
	struct machine *m = *state;

	m->leaves[1].regs[CPU_ECX] = HYPERVISOR;
	write_syscfg(m, 0);
	expect(m, false, false, "only its host");
}

static void registers_that_cannot_be_read(void **state)
{
	struct machine *m = *state;
	uint64_t value;

	assert_int_equal(msr_read(m->root, SNP_HOST_SYSCFG, &value), -ENOENT);
	write_syscfg(m, 7);
	assert_int_equal(msr_read(m->root, SNP_HOST_SYSCFG, &value), 0);
	assert_int_equal(value, 7);
	assert_int_equal(msr_read(m->root, SNP_HOST_SYSCFG + 4, &value), -EIO);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
	        T(syscfg_decides),      T(kvm_knows_that_it_is_on),
	        T(nobody_says),         T(a_processor_without_snp),
	        T(a_guest_cannot_tell), T(registers_that_cannot_be_read),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
