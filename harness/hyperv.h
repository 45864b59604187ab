/* SPDX-License-Identifier: MIT */
/*
 * What Hyper-V says of the isolation of its guest. Source: Microsoft's Hypervisor Top-Level
 * Functional Specification, and Linux: arch/x86/kernel/cpu/mshyperv.c and arch/x86/hyperv/ivm.c.
 */
#ifndef HARNESS_HYPERV_H
#define HARNESS_HYPERV_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/cpu.h"

#define HYPERV_LEAF_ISOLATION 0x4000000cU /* CPUID: where it says how */

/* Types of isolation; others may come. */
#define HYPERV_ISOLATION_VBS 1U /* by Hyper-V itself: nothing is encrypted for it */
#define HYPERV_ISOLATION_SNP 2U
#define HYPERV_ISOLATION_TDX 3U

struct hyperv_isolation {
	uint32_t config_a,
	        config_b; /* EAX and EBX of CPUID 0x4000000C, as Linux's log names them */
	unsigned type;    /* HYPERV_ISOLATION_*, or a number that is not known here */
	bool paravisor;   /* software between the guest and Hyper-V */
};

/* Is this a guest that Hyper-V isolates? False, and zeros, elsewhere: in KVM that shows Hyper-V's
 * interface, and in Hyper-V's own root partition. */
bool hyperv_isolation_at(const struct cpu_source *cpu, struct hyperv_isolation *isolation);

#endif
