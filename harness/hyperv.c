/* SPDX-License-Identifier: MIT */
#include "harness/hyperv.h"

#include <string.h>

#define LEAF_FEATURES      0x40000003U
#define FEATURE_MANAGES    (1U << 12) /* EBX, HV_CPU_MANAGEMENT: the root partition */
#define FEATURE_ISOLATE    (1U << 22) /* EBX, HV_ISOLATION */
#define CONFIG_A_PARAVISOR (1U << 0)
#define CONFIG_B_TYPE      0xfU

bool hyperv_isolation_at(const struct cpu_source *cpu, struct hyperv_isolation *isolation)
{
	char hypervisor[CPU_SIGNATURE];
	uint32_t regs[4];

	memset(isolation, 0, sizeof(*isolation));
	cpu_hypervisor_at(cpu, hypervisor);
	if (strcmp(hypervisor, "Microsoft Hv") != 0 || !cpu_id_at(cpu, LEAF_FEATURES, 0, regs) ||
	    !(regs[CPU_EBX] & FEATURE_ISOLATE) || regs[CPU_EBX] & FEATURE_MANAGES ||
	    !cpu_id_at(cpu, HYPERV_LEAF_ISOLATION, 0, regs) || !(regs[CPU_EBX] & CONFIG_B_TYPE))
		return false;
	isolation->config_a = regs[CPU_EAX];
	isolation->config_b = regs[CPU_EBX];
	isolation->type = regs[CPU_EBX] & CONFIG_B_TYPE;
	isolation->paravisor = regs[CPU_EAX] & CONFIG_A_PARAVISOR;
	return true;
}
