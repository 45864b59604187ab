/* SPDX-License-Identifier: MIT */
#include "harness/snp_host.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "harness/msr.h"

#define LEAF_ENCRYPTION 0x8000001fU
#define LEAF_SNP        (1U << 4) /* EAX */

static void say(struct snp_host *o, bool on, const char *how)
{
	o->known = true;
	o->on = on;
	snprintf(o->how, sizeof(o->how), "%s", how);
}

/* Does kvm_amd say that it makes SNP guests? */
static bool kvm_says(const char *root)
{
	char path[PATH_MAX], answer = 'N';
	FILE *f;

	snprintf(path, sizeof(path), "%s/sys/module/kvm_amd/parameters/sev_snp", root);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (fread(&answer, 1, 1, f) != 1)
		answer = 'N';
	fclose(f);
	return answer == 'Y' || answer == '1';
}

void snp_host_observe_at(const struct cpu_source *cpu, const char *root, struct snp_host *o)
{
	uint32_t leaf[4];
	uint64_t syscfg;
	int rc;

	memset(o, 0, sizeof(*o));
	if (cpu_has_at(cpu, CPU_HYPERVISOR)) {
		snprintf(o->how, sizeof(o->how),
		         "this is a guest: only its host knows whether SNP is on there");
		return;
	}
	if (!cpu_id_at(cpu, LEAF_ENCRYPTION, 0, leaf) || !(leaf[CPU_EAX] & LEAF_SNP)) {
		say(o, false, "CPUID says that the processor has no SNP");
		return;
	}
	rc = msr_read(root, SNP_HOST_SYSCFG, &syscfg);
	if (!rc)
		say(o, syscfg & SNP_HOST_SNP, "MSR 0xC0010010 bit 24");
	else if (kvm_says(root))
		say(o, true, "the parameter sev_snp of kvm_amd");
	else
		snprintf(o->how, sizeof(o->how),
		         "MSR 0xC0010010 cannot be read from /dev/cpu/0/msr (%s): run as root "
		         "after 'modprobe msr'",
		         strerror(-rc));
}
