/* SPDX-License-Identifier: MIT */
/*
 * Is SNP on in this machine as a host? Then what the host and its plain guests write is checked
 * against the RMP too, so that neither is what it would be without (AMD64 Architecture Programmer's
 * Manual volume 2, section 15.36.10: RMP checks apply to hypervisor and non-SNP guests alike).
 */
#ifndef HARNESS_SNP_HOST_H
#define HARNESS_SNP_HOST_H

#include <stdbool.h>

#include "harness/cpu.h"

/* AMD64 APM volume 2, sections 15.34.3 and 15.36.2: MSR C001_0010, SYSCFG. */
#define SNP_HOST_SYSCFG 0xc0010010U
#define SNP_HOST_SMEE   (1ULL << 23) /* memory encryption */
#define SNP_HOST_SNP    (1ULL << 24)

struct snp_host {
	bool known;
	bool on;
	char how[160]; /* one sentence without a full stop: what that rests on, or why it is not
	                * known */
};

/*
 * By CPUID, which may lack SNP; by SYSCFG; or by the parameter sev_snp of kvm_amd, which is Y only
 * where SNP is on. A guest cannot tell. `root` is put before every path, "" for the running system.
 */
void snp_host_observe_at(const struct cpu_source *cpu, const char *root, struct snp_host *o);

#endif
