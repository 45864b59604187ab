/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which MSRs a guest that asks by GHCB may read and write with which values: as KVM answers, and
 * never what QEMU would raise #GP for by itself, amid the guest's VMGEXIT.
 */
#ifndef VMRUN_EMULATE_MSRS_H
#define VMRUN_EMULATE_MSRS_H

#include <stdbool.h>
#include <stdint.h>

#define MSRS_APIC_BASE  0x1bu
#define MSRS_X2APIC     0x800u /* its registers, to 0x8ff */
#define MSRS_X2APIC_ICR 0x830u
#define MSRS_PAT        0x277u
#define MSRS_TSC_AUX    0xc0000103u

/* Bits of APIC_BASE (Linux, asm/apicdef.h): MSR_IA32_APICBASE_ENABLE, X2APIC_ENABLE */
#define MSRS_APIC_ON (1u << 11)
#define MSRS_APIC_X2 (1u << 10)

struct msrs {
	uint64_t apic_base;
	unsigned address_bits; /* of physical addresses */
	bool x2apic;           /* the processor has it */
};

/* False: #GP. What is neither known here nor to QEMU reads as 0, and writes to it are lost. */
bool msrs_readable(const struct msrs *msrs, uint32_t index);
bool msrs_writable(const struct msrs *msrs, uint32_t index, uint64_t value);

#endif
