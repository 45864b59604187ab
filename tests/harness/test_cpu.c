/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include "tests/harness/cpu_table.h"

#define OSXSAVE    (1U << 27)
#define AVX        (1U << 28)
#define HYPERVISOR (1U << 31)

static void test_range_of_leaves(void **state)
{
	static const struct cpu_leaf leaves[] = {
	        {0x0, 0, {0xd, 1, 2, 3}},
	        {0x4, 1, {0x44, 0, 0, 0}},
	        {0x80000000, 0, {0x80000008, 0, 0, 0}},
	        {0x80000008, 0, {8, 0, 0, 0}},
	};
	struct cpu_table t = CPU_TABLE(leaves);
	uint32_t regs[4] = {9, 9, 9, 9};

	(void)state;
	memset(t.beyond, 0x7f, sizeof(t.beyond)); /* what a careless reader would take for data */
	assert_true(cpu_id_at(&t.source, 0x4, 1, regs));
	assert_int_equal(regs[CPU_EAX], 0x44);
	assert_true(cpu_id_at(&t.source, 0x80000008, 0, regs));
	assert_false(cpu_id_at(&t.source, 0xe, 0, regs));
	assert_int_equal(regs[CPU_EAX] | regs[CPU_EBX] | regs[CPU_ECX] | regs[CPU_EDX], 0);
	assert_false(cpu_id_at(&t.source, 0x80000009, 0, regs));
	assert_false(cpu_id_at(&t.source, 0x8000001f, 0, regs));
	assert_int_equal(regs[CPU_EAX], 0);
	assert_false(cpu_id_at(&t.source, 0xffffffff, 0, regs));
}

static void test_no_extended_range(void **state)
{
	/* A processor without the range answers 0x80000000 with something below it. */
	static const struct cpu_leaf leaves[] = {{0x0, 0, {2, 0, 0, 0}}};
	struct cpu_table t = CPU_TABLE(leaves);
	uint32_t regs[4];

	(void)state;
	t.beyond[CPU_EAX] = 0x00ffffff;
	assert_false(cpu_id_at(&t.source, 0x80000000, 0, regs));
	assert_false(cpu_id_at(&t.source, 0xc0000001, 0, regs));
}

static void test_hypervisor_leaves_need_a_hypervisor(void **state)
{
	static const struct cpu_leaf leaves[] = {
	        {0x0, 0, {0xd, 0, 0, 0}},
	        {0x1, 0, {0, 0, 0, 0}},
	        {0x40000000, 0, {0x40000010, 0x4b4d564b, 0x564b4d56, 0x0000004d}},
	};
	struct cpu_table t = CPU_TABLE(leaves);
	char signature[CPU_SIGNATURE];
	uint32_t regs[4];

	(void)state;
	assert_false(cpu_id_at(&t.source, 0x40000000, 0, regs));
	cpu_hypervisor_at(&t.source, signature);
	assert_string_equal(signature, "");
}

static void test_hypervisor_signatures(void **state)
{
	struct cpu_leaf leaves[] = {
	        {0x1, 0, {0, 0, HYPERVISOR, 0}},
	        {0x40000000, 0, {0, 0x4b4d564b, 0x564b4d56, 0x0000004d}},
	        {0x40000100, 0, {0x40000101, 0, 0, 0}},
	};
	struct cpu_table t = CPU_TABLE(leaves);
	char signature[CPU_SIGNATURE];
	uint32_t regs[4];

	(void)state;
	cpu_hypervisor_at(&t.source, signature);
	assert_string_equal(signature, "KVMKVMKVM");
	assert_int_equal(cpu_kvm_base_at(&t.source), 0x40000000);
	/* Old KVM: maximum 0 means 0x40000001. */
	assert_true(cpu_id_at(&t.source, 0x40000001, 0, regs));
	assert_false(cpu_id_at(&t.source, 0x40000002, 0, regs));

	memcpy(&leaves[1].regs[1], "Microsoft Hv", 12);
	cpu_hypervisor_at(&t.source, signature);
	assert_string_equal(signature, "Microsoft Hv");
	assert_int_equal(cpu_kvm_base_at(&t.source), 0);
	memcpy(&leaves[2].regs[1], "KVMKVMKVM\0\0\0", 12);
	cpu_hypervisor_at(&t.source, signature);
	assert_string_equal(signature, "KVMKVMKVM");
	assert_int_equal(cpu_kvm_base_at(&t.source), 0x40000100);

	/* What answers a KVM hypercall may still be an emulator. */
	memcpy(&leaves[1].regs[1], "TCGTCGTCGTCG", 12);
	cpu_hypervisor_at(&t.source, signature);
	assert_string_equal(signature, "TCGTCGTCGTCG");
	assert_int_equal(cpu_kvm_base_at(&t.source), 0x40000100);
	leaves[2].leaf = 0x4000ff00;
	assert_int_equal(cpu_kvm_base_at(&t.source), 0x4000ff00);
	leaves[0].regs[CPU_ECX] = 0;
	assert_int_equal(cpu_kvm_base_at(&t.source), 0);
}

/* A feature bit alone is not enough: without the state in XCR0 the instruction faults. */
static void test_vector_state(void **state)
{
	struct cpu_leaf leaves[] = {
	        {0x0, 0, {0xd, 0, 0, 0}},
	        {0x1, 0, {0, 0, AVX, 0}},
	        {0x7, 0, {0, 1U << 5 | 1U << 16, 0, 0}},
	};
	struct cpu_table t = CPU_TABLE(leaves);

	(void)state;
	t.xcr0 = 0xe7;
	assert_false(cpu_has_at(&t.source, CPU_AVX2)); /* no OSXSAVE */
	leaves[1].regs[CPU_ECX] = AVX | OSXSAVE;
	assert_true(cpu_has_at(&t.source, CPU_AVX2));
	assert_true(cpu_has_at(&t.source, CPU_AVX512F));
	t.xcr0 = 0x7;
	assert_true(cpu_has_at(&t.source, CPU_AVX2));
	assert_false(cpu_has_at(&t.source, CPU_AVX512F));
	t.xcr0 = 0x3;
	assert_false(cpu_has_at(&t.source, CPU_AVX2));
	leaves[0].regs[CPU_EAX] = 0x6; /* leaf 7 is beyond the maximum */
	t.xcr0 = 0xe7;
	assert_false(cpu_has_at(&t.source, CPU_AVX2));
}

static bool flag_in_cpuinfo(const char *flag)
{
	char line[8192];
	char word[64];
	FILE *f = fopen("/proc/cpuinfo", "re");
	bool found = false;

	assert_non_null(f);
	snprintf(word, sizeof(word), " %s ", flag);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "flags", 5) == 0) {
			line[strcspn(line, "\n")] = ' ';
			found = strstr(line, word) != NULL;
			break;
		}
	}
	fclose(f);
	return found;
}

/* Linux's opinion of the same processor. CPU_INVARIANT_TSC has no flag of its own. */
static void test_agrees_with_linux(void **state)
{
	static const struct {
		enum cpu_feature feature;
		const char *flag;
	} pairs[] = {
	        {CPU_SSE2, "sse2"},           {CPU_SSE41, "sse4_1"},
	        {CPU_AVX2, "avx2"},           {CPU_AVX512F, "avx512f"},
	        {CPU_ERMS, "erms"},           {CPU_FSRM, "fsrm"},
	        {CPU_CLZERO, "clzero"},       {CPU_MOVDIRI, "movdiri"},
	        {CPU_MOVDIR64B, "movdir64b"}, {CPU_CLFLUSHOPT, "clflushopt"},
	        {CPU_RDTSCP, "rdtscp"},       {CPU_HYPERVISOR, "hypervisor"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (cpu_has(pairs[i].feature) != flag_in_cpuinfo(pairs[i].flag))
			fail_msg("%s: CPUID and /proc/cpuinfo disagree", pairs[i].flag);
}

static void test_names(void **state)
{
	char vendor[CPU_SIGNATURE];

	(void)state;
	for (int i = 0; i < CPU_FEATURE_COUNT; i++)
		assert_true(strlen(cpu_feature_name((enum cpu_feature)i)) > 2);
	assert_string_equal(cpu_feature_name(CPU_AVX2), "AVX2");
	cpu_vendor(vendor);
	assert_int_equal(strlen(vendor), CPU_SIGNATURE - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_range_of_leaves),
	        cmocka_unit_test(test_no_extended_range),
	        cmocka_unit_test(test_hypervisor_leaves_need_a_hypervisor),
	        cmocka_unit_test(test_hypervisor_signatures),
	        cmocka_unit_test(test_vector_state),
	        cmocka_unit_test(test_agrees_with_linux),
	        cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
