/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page with CPUID's answers that a launch of SNP leaves in the guest's memory (SEV-SNP firmware
 * ABI specification, section 8.17.2.6, PAGE_TYPE_CPUID; struct snp_cpuid_table of Linux,
 * asm/sev.h).
 */
#ifndef VMRUN_EMULATE_CPUID_PAGE_H
#define VMRUN_EMULATE_CPUID_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#define CPUID_PAGE_SIZE    4096u
#define CPUID_PAGE_ENTRIES 64u

struct cpuid_entry {
	uint32_t leaf, subleaf;
	uint64_t xcr0, xss;
	uint32_t eax, ebx, ecx, edx;
	uint64_t reserved;
};

struct cpuid_page {
	uint32_t count, reserved1;
	uint64_t reserved2;
	struct cpuid_entry entry[CPUID_PAGE_ENTRIES];
	uint8_t rest[CPUID_PAGE_SIZE - 16 - CPUID_PAGE_ENTRIES * sizeof(struct cpuid_entry)];
};

/* answer[]: EAX, EBX, ECX, EDX of a leaf. */
typedef void cpuid_reader(void *context, uint32_t leaf, uint32_t subleaf, uint32_t answer[4]);

/*
 * Fill the page with the leaves that `cpuid` has. False: there are more than fit, the rest is
 * missing.
 */
bool cpuid_page_fill(struct cpuid_page *page, cpuid_reader *cpuid, void *context);

#endif
