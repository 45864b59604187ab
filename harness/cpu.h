/* SPDX-License-Identifier: MIT */
/* CPUID, read once: what the processor (or the hypervisor that speaks for it) offers. */
#ifndef HARNESS_CPU_H
#define HARNESS_CPU_H

#include <stdbool.h>
#include <stdint.h>

enum cpu_feature {
	CPU_SSE2,
	CPU_SSE41,
	CPU_AVX2,    /* with YMM state enabled in XCR0 */
	CPU_AVX512F, /* with ZMM state enabled in XCR0 */
	CPU_ERMS,    /* enhanced REP MOVSB/STOSB */
	CPU_FSRM,    /* fast short REP MOVSB */
	CPU_CLZERO,
	CPU_MOVDIRI,
	CPU_MOVDIR64B,
	CPU_CLFLUSHOPT,
	CPU_RDTSCP,
	CPU_INVARIANT_TSC,
	CPU_HYPERVISOR,
	CPU_FEATURE_COUNT
};

/* True when the feature is there and the operating system has enabled its state. */
bool cpu_has(enum cpu_feature feature);

/* "AVX2" and the like, as the manuals write it. */
const char *cpu_feature_name(enum cpu_feature feature);

/*
 * CPUID with the range check that the processor does not make: returns false, and zeros, for a leaf
 * beyond the maximum of its range (standard, 0x40000000, 0x80000000).
 */
bool cpu_id(uint32_t leaf, uint32_t subleaf, uint32_t regs[4]);

#endif
