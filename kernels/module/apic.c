// SPDX-License-Identifier: GPL-2.0-only
/* How this Linux reaches its local APIC, and so how it sends interrupts to other CPUs. */
#include <asm/apic.h>
#include <asm/msr.h>
#include <linux/cc_platform.h>

#include "sevbench.h"

#define SEV_STATUS  0xc0010131 /* AMD64 APM volume 2, 15.34.10 */
#define SECURE_AVIC BIT_ULL(18)

static bool has_secure_avic(void)
{
	u32 low, high;

	return cc_platform_has(CC_ATTR_GUEST_SEV_SNP) && !rdmsr_safe(SEV_STATUS, &low, &high) &&
	       (low & SECURE_AVIC);
}

bool apic_is(enum sevbench_apic way)
{
	switch (way) {
	case SEVBENCH_XAPIC:
		return !x2apic_enabled();
	case SEVBENCH_X2APIC:
		return x2apic_enabled() && !has_secure_avic();
	case SEVBENCH_SAVIC:
		return has_secure_avic();
	default:
		return true;
	}
}

int apic_check(struct run *run, enum sevbench_apic way)
{
	if (way > SEVBENCH_SAVIC)
		return run_refuse(run, EINVAL, "no APIC has the number %u", way);
	if (apic_is(way))
		return 0;
	return run_refuse(run, EOPNOTSUPP, "this Linux reaches its local APIC by %s",
	                  apic_is(SEVBENCH_XAPIC)    ? "memory (xAPIC)"
	                  : apic_is(SEVBENCH_X2APIC) ? "MSRs (x2APIC)"
	                                             : "Secure AVIC");
}
