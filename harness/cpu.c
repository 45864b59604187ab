/* SPDX-License-Identifier: MIT */
#include "harness/cpu.h"

#include <cpuid.h>
#include <stddef.h>
#include <string.h>

/* XCR0: Intel SDM volume 1, section 13.3. */
#define XCR0_AVX    0x06U /* XMM and YMM state */
#define XCR0_AVX512 0xe6U /* and opmask, upper ZMM, high ZMM */

#define LEAF_HYPERVISOR     0x40000000U
#define LEAF_HYPERVISOR_END 0x40010000U /* Linux, arch/x86/include/asm/cpuid: where it looks */
#define LEAF_EXTENDED       0x80000000U
#define OSXSAVE_BIT         27 /* leaf 1 ECX */
#define AVX_BIT             28 /* leaf 1 ECX */
#define HYPERVISOR_BIT      31 /* leaf 1 ECX */

/* Intel SDM volume 2, CPUID; AMD64 APM volume 3, appendix E. */
static const struct {
	const char *name;
	uint32_t leaf;
	enum cpu_register reg;
	unsigned bit;
	uint64_t xcr0; /* state that the operating system must have enabled */
} features[CPU_FEATURE_COUNT] = {
        [CPU_SSE2] = {"SSE2", 0x1, CPU_EDX, 26, 0},
        [CPU_SSE41] = {"SSE4.1", 0x1, CPU_ECX, 19, 0},
        [CPU_AVX2] = {"AVX2", 0x7, CPU_EBX, 5, XCR0_AVX},
        [CPU_AVX512F] = {"AVX-512F", 0x7, CPU_EBX, 16, XCR0_AVX512},
        [CPU_ERMS] = {"ERMS", 0x7, CPU_EBX, 9, 0},
        [CPU_FSRM] = {"FSRM", 0x7, CPU_EDX, 4, 0},
        [CPU_CLZERO] = {"CLZERO", 0x80000008, CPU_EBX, 0, 0},
        [CPU_MOVDIRI] = {"MOVDIRI", 0x7, CPU_ECX, 27, 0},
        [CPU_MOVDIR64B] = {"MOVDIR64B", 0x7, CPU_ECX, 28, 0},
        [CPU_CLFLUSHOPT] = {"CLFLUSHOPT", 0x7, CPU_EBX, 23, 0},
        [CPU_RDTSCP] = {"RDTSCP", 0x80000001, CPU_EDX, 27, 0},
        [CPU_PDPE1GB] = {"1 GiB pages", 0x80000001, CPU_EDX, 26, 0},
        [CPU_INVARIANT_TSC] = {"invariant TSC", 0x80000007, CPU_EDX, 8, 0},
        [CPU_HYPERVISOR] = {"hypervisor", 0x1, CPU_ECX, HYPERVISOR_BIT, 0},
};

static void here_cpuid(const struct cpu_source *source, uint32_t leaf, uint32_t subleaf,
                       uint32_t regs[4])
{
	uint32_t eax;
	uint32_t ebx;
	uint32_t ecx;
	uint32_t edx;

	(void)source;
	__cpuid_count(leaf, subleaf, eax, ebx, ecx, edx);
	regs[CPU_EAX] = eax;
	regs[CPU_EBX] = ebx;
	regs[CPU_ECX] = ecx;
	regs[CPU_EDX] = edx;
}

static uint64_t here_xcr0(const struct cpu_source *source)
{
	uint32_t low;
	uint32_t high;

	(void)source;
	/* The intrinsic would need -mxsave for the whole file. */
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

const struct cpu_source cpu_here = {.cpuid = here_cpuid, .xcr0 = here_xcr0};

static bool bit_of(const uint32_t regs[4], enum cpu_register reg, unsigned bit)
{
	return regs[reg] >> bit & 1U;
}

/* The last leaf of the range that `leaf` is in; 0 (never reached) where there is no such range. */
static uint32_t last_leaf(const struct cpu_source *source, uint32_t leaf)
{
	uint32_t range = leaf & 0xc0000000U;
	uint32_t regs[4];

	if (range == LEAF_HYPERVISOR) {
		/* Without a hypervisor these leaves return whatever the processor likes. */
		source->cpuid(source, 1, 0, regs);
		if (!bit_of(regs, CPU_ECX, HYPERVISOR_BIT))
			return 0;
	}
	source->cpuid(source, range, 0, regs);
	/* Old KVM says 0 and means 0x40000001 (Linux, Documentation/virt/kvm/x86/cpuid.rst). */
	if (range == LEAF_HYPERVISOR && regs[CPU_EAX] == 0)
		return LEAF_HYPERVISOR + 1;
	return (regs[CPU_EAX] & 0xc0000000U) == range ? regs[CPU_EAX] : 0;
}

bool cpu_id_at(const struct cpu_source *source, uint32_t leaf, uint32_t subleaf, uint32_t regs[4])
{
	if (leaf > last_leaf(source, leaf)) {
		memset(regs, 0, 4 * sizeof(regs[0]));
		return false;
	}
	source->cpuid(source, leaf, subleaf, regs);
	return true;
}

bool cpu_has_at(const struct cpu_source *source, enum cpu_feature feature)
{
	uint32_t regs[4];
	uint64_t state = features[feature].xcr0;

	if (!cpu_id_at(source, features[feature].leaf, 0, regs) ||
	    !bit_of(regs, features[feature].reg, features[feature].bit))
		return false;
	if (!state)
		return true;
	if (!cpu_id_at(source, 1, 0, regs) || !bit_of(regs, CPU_ECX, OSXSAVE_BIT) ||
	    !bit_of(regs, CPU_ECX, AVX_BIT))
		return false;
	return (source->xcr0(source) & state) == state;
}

uint32_t cpu_kvm_base_at(const struct cpu_source *source)
{
	static const char kvm[CPU_SIGNATURE] = "KVMKVMKVM";
	uint32_t regs[4];

	source->cpuid(source, 1, 0, regs);
	if (!bit_of(regs, CPU_ECX, HYPERVISOR_BIT))
		return 0;
	/* A hypervisor that speaks several languages has the next one 0x100 further. */
	for (uint32_t base = LEAF_HYPERVISOR; base < LEAF_HYPERVISOR_END; base += 0x100) {
		source->cpuid(source, base, 0, regs);
		if (memcmp(&regs[CPU_EBX], kvm, CPU_SIGNATURE - 1) == 0)
			return base;
	}
	return 0;
}

void cpu_hypervisor_at(const struct cpu_source *source, char signature[CPU_SIGNATURE])
{
	uint32_t regs[4];

	memset(signature, 0, CPU_SIGNATURE);
	if (!cpu_id_at(source, LEAF_HYPERVISOR, 0, regs))
		return;
	memcpy(signature, &regs[CPU_EBX], CPU_SIGNATURE - 1);
	/* KVM can show Hyper-V's leaves first, and is KVM all the same. */
	if (strcmp(signature, "Microsoft Hv") == 0 && cpu_kvm_base_at(source))
		memcpy(signature, "KVMKVMKVM", sizeof("KVMKVMKVM"));
	/* "bhyve bhyve " */
	for (size_t end = strlen(signature); end > 0 && signature[end - 1] == ' ';)
		signature[--end] = '\0';
}

uint32_t cpu_kvm_base(void)
{
	return cpu_kvm_base_at(&cpu_here);
}

bool cpu_has(enum cpu_feature feature)
{
	return cpu_has_at(&cpu_here, feature);
}

bool cpu_id(uint32_t leaf, uint32_t subleaf, uint32_t regs[4])
{
	return cpu_id_at(&cpu_here, leaf, subleaf, regs);
}

void cpu_hypervisor(char signature[CPU_SIGNATURE])
{
	cpu_hypervisor_at(&cpu_here, signature);
}

void cpu_vendor_at(const struct cpu_source *source, char signature[CPU_SIGNATURE])
{
	uint32_t regs[4];

	/* The vendor's twelve bytes are in the order EBX, EDX, ECX; a hypervisor's in EBX, ECX,
	 * EDX. */
	cpu_id_at(source, 0, 0, regs);
	memcpy(signature, &regs[CPU_EBX], 4);
	memcpy(signature + 4, &regs[CPU_EDX], 4);
	memcpy(signature + 8, &regs[CPU_ECX], 4);
	signature[12] = '\0';
}

void cpu_vendor(char signature[CPU_SIGNATURE])
{
	cpu_vendor_at(&cpu_here, signature);
}

const char *cpu_feature_name(enum cpu_feature feature)
{
	return features[feature].name;
}
