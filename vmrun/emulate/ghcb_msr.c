/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/ghcb_msr.h"

#define PAGE_MASK 0x000ffffffffff000ull

/* 63:48 the highest version, 47:32 the lowest, 31:24 the C-bit. */
uint64_t ghcb_msr_version(unsigned c_bit)
{
	return (uint64_t)GHCB_MSR_VERSION_MAX << 48 | (uint64_t)GHCB_MSR_VERSION_MIN << 32 |
	       (uint64_t)c_bit << 24 | GHCB_MSR_INFO_RESPONSE;
}

/* 63:32 the leaf, 31:30 the register. */
struct ghcb_msr_cpuid ghcb_msr_cpuid(uint64_t value)
{
	return (struct ghcb_msr_cpuid){.leaf = (uint32_t)(value >> 32),
	                               .reg = (unsigned)(value >> 30 & 3)};
}

uint64_t ghcb_msr_cpuid_answer(unsigned reg, uint32_t value)
{
	return (uint64_t)value << 32 | (uint64_t)reg << 30 | GHCB_MSR_CPUID_RESPONSE;
}

/* All of 63:12 set. */
uint64_t ghcb_msr_preferred_answer(void)
{
	return ~0xfffull | GHCB_MSR_PREFERRED_RESPONSE;
}

uint64_t ghcb_msr_register_answer(uint64_t page)
{
	return (page & ~0xfffull) | GHCB_MSR_REGISTER_RESPONSE;
}

/* 55:52 the operation, 51:12 the frame. */
uint64_t ghcb_msr_state_page(uint64_t value)
{
	return value & PAGE_MASK;
}

unsigned ghcb_msr_state_operation(uint64_t value)
{
	return (unsigned)(value >> 52 & 0xf);
}

uint64_t ghcb_msr_state_answer(uint32_t error)
{
	return (uint64_t)error << 32 | GHCB_MSR_STATE_RESPONSE;
}

uint64_t ghcb_msr_features_answer(uint64_t features)
{
	return features << 12 | GHCB_MSR_FEATURES_RESPONSE;
}

/* 15:12 the set of reasons, 23:16 the reason. */
unsigned ghcb_msr_reason_set(uint64_t value)
{
	return (unsigned)(value >> 12 & 0xf);
}

unsigned ghcb_msr_reason_code(uint64_t value)
{
	return (unsigned)(value >> 16 & 0xff);
}
