/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protocol in the GHCB MSR, for a guest that has no GHCB page yet (GHCB specification 2.03,
 * section 2.3.1; Linux, arch/x86/include/asm/sev-common.h): bits 11:0 say what is asked.
 */
#ifndef VMRUN_EMULATE_GHCB_MSR_H
#define VMRUN_EMULATE_GHCB_MSR_H

#include <stdbool.h>
#include <stdint.h>

enum {
	GHCB_MSR_INFO_RESPONSE = 0x001,
	GHCB_MSR_INFO_REQUEST = 0x002,
	GHCB_MSR_CPUID_REQUEST = 0x004,
	GHCB_MSR_CPUID_RESPONSE = 0x005,
	GHCB_MSR_HOLD_REQUEST = 0x006, /* AP reset hold */
	GHCB_MSR_HOLD_RESPONSE = 0x007,
	GHCB_MSR_PREFERRED_REQUEST = 0x010,
	GHCB_MSR_PREFERRED_RESPONSE = 0x011,
	GHCB_MSR_REGISTER_REQUEST = 0x012,
	GHCB_MSR_REGISTER_RESPONSE = 0x013,
	GHCB_MSR_STATE_REQUEST = 0x014, /* page state */
	GHCB_MSR_STATE_RESPONSE = 0x015,
	GHCB_MSR_FEATURES_REQUEST = 0x080,
	GHCB_MSR_FEATURES_RESPONSE = 0x081,
	GHCB_MSR_TERMINATE = 0x100,
};

/* Versions of the GHCB protocol that are spoken. */
#define GHCB_MSR_VERSION_MIN 1
#define GHCB_MSR_VERSION_MAX 2

/* Hypervisor features (GHCB_HV_FT_* in the same file of Linux): SNP, AP creation. */
#define GHCB_MSR_FEATURE_SNP 1u
#define GHCB_MSR_FEATURE_AP  2u

static inline unsigned ghcb_msr_info(uint64_t value)
{
	return (unsigned)(value & 0xfff);
}

uint64_t ghcb_msr_version(unsigned c_bit);

/* What is asked of CPUID: leaf, and which of the four registers. */
struct ghcb_msr_cpuid {
	uint32_t leaf;
	unsigned reg; /* 0 EAX to 3 EDX */
};
struct ghcb_msr_cpuid ghcb_msr_cpuid(uint64_t value);
uint64_t ghcb_msr_cpuid_answer(unsigned reg, uint32_t value);

/* "No preferred address": the guest chooses where its GHCB lies. */
uint64_t ghcb_msr_preferred_answer(void);
uint64_t ghcb_msr_register_answer(uint64_t page);

/* The page and the operation (psc.h) of a page-state request; error is 31:0 of the answer's data.
 */
uint64_t ghcb_msr_state_page(uint64_t value);
unsigned ghcb_msr_state_operation(uint64_t value);
uint64_t ghcb_msr_state_answer(uint32_t error);

uint64_t ghcb_msr_features_answer(uint64_t features);

unsigned ghcb_msr_reason_set(uint64_t value);
unsigned ghcb_msr_reason_code(uint64_t value);

#endif
