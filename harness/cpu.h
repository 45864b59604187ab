/* SPDX-License-Identifier: MIT */
/*
 * CPUID: what the processor (or the hypervisor that speaks for it) offers. Every call executes the
 * instruction, which is a world switch in a guest: never inside a timed region.
 */
#ifndef HARNESS_CPU_H
#define HARNESS_CPU_H

#include <stdbool.h>
#include <stdint.h>

enum cpu_feature {
	CPU_SSE2,
	CPU_SSE41,
	CPU_AVX2,    /* with YMM state enabled in XCR0 */
	CPU_AVX512F, /* with opmask and ZMM state enabled in XCR0 */
	CPU_ERMS,    /* enhanced REP MOVSB/STOSB */
	CPU_FSRM,    /* fast short REP MOVSB */
	CPU_CLZERO,
	CPU_MOVDIRI,
	CPU_MOVDIR64B,
	CPU_CLFLUSHOPT,
	CPU_RDTSCP,
	CPU_PDPE1GB, /* pages of 1 GiB */
	CPU_INVARIANT_TSC,
	CPU_HYPERVISOR,
	CPU_FEATURE_COUNT
};

/* True when the feature is there and the operating system has enabled its state. */
bool cpu_has(enum cpu_feature feature);

/* "AVX2" and the like, as the manuals write it. */
const char *cpu_feature_name(enum cpu_feature feature);

/* Registers of a CPUID answer, as they stand in regs[]. */
enum cpu_register { CPU_EAX, CPU_EBX, CPU_ECX, CPU_EDX };

/*
 * CPUID with the range check that the processor does not make: returns false, and zeros, for a leaf
 * beyond the maximum of its range (standard, 0x40000000, 0x80000000).
 */
bool cpu_id(uint32_t leaf, uint32_t subleaf, uint32_t regs[4]);

/* Room for a CPUID signature of 12 bytes with its NUL. */
#define CPU_SIGNATURE 13

/* "AuthenticAMD", "GenuineIntel" (leaf 0). */
void cpu_vendor(char signature[CPU_SIGNATURE]);

/*
 * The hypervisor's signature (leaf 0x40000000): "KVMKVMKVM", "TCGTCGTCGTCG", "Microsoft Hv"; ""
 * where there is none or it hides. KVM that shows Hyper-V's interface first is called KVM.
 */
void cpu_hypervisor(char signature[CPU_SIGNATURE]);

/*
 * The leaf that has KVM's signature: 0x40000000, or a later one where other interfaces stand before
 * it; 0: KVM is not there, or not to be seen. Looks where Linux looks (from 0x40000000 to
 * 0x40010000 in steps of 0x100), each look a CPUID.
 */
uint32_t cpu_kvm_base(void);

/* Where CPUID and XCR0 are read: this processor, or recorded answers in tests. */
struct cpu_source {
	void (*cpuid)(const struct cpu_source *source, uint32_t leaf, uint32_t subleaf,
	              uint32_t regs[4]);
	uint64_t (*xcr0)(const struct cpu_source *source); /* asked only when OSXSAVE is set */
};

/* The processor this code runs on. */
extern const struct cpu_source cpu_here;

/* The functions above, asked of `source`. */
bool cpu_has_at(const struct cpu_source *source, enum cpu_feature feature);
void cpu_vendor_at(const struct cpu_source *source, char signature[CPU_SIGNATURE]);
bool cpu_id_at(const struct cpu_source *source, uint32_t leaf, uint32_t subleaf, uint32_t regs[4]);
void cpu_hypervisor_at(const struct cpu_source *source, char signature[CPU_SIGNATURE]);
uint32_t cpu_kvm_base_at(const struct cpu_source *source);

#endif
