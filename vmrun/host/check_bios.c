/* SPDX-License-Identifier: MIT */
#include "vmrun/host/check_bios.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "vmrun/host/need.h"

#define MSR_SYSCFG   0xc0010010U /* AMD64 APM volume 2, section 15.34.3 */
#define MSR_RMP_BASE 0xc0010132U /* section 15.36.4 */
#define MSR_RMP_END  0xc0010133U
#define SYSCFG_SMEE  (1ULL << 23)
#define SYSCFG_SNP   (1ULL << 24)

void check_bios_switches(struct facts *facts, struct finding *finding)
{
	uint64_t value;
	int rc = host_msr(facts->source, MSR_SYSCFG, &value);

	if (rc) {
		finding_say(finding, "MSR 0xC0010010 cannot be read (%s)",
		            rc == -ENOENT ? "modprobe msr" : strerror(-rc));
		finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_UNKNOWN, "");
		return;
	}
	finding_say(finding, "memory encryption %s, SNP %s", value & SYSCFG_SMEE ? "on" : "off",
	            value & SYSCFG_SNP ? "on" : "off");
	finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_OK, "");
	if (!(value & SYSCFG_SNP))
		finding_judge_all(finding, FINDING_SNP, VERDICT_FAIL,
		                  "SNP is off (MSR 0xC0010010 bit 24): enable " NEED_BIOS_SNP
		                  " in the BIOS, and start Linux with the IOMMU on");
	if (!(value & SYSCFG_SMEE))
		finding_judge_all(
		        finding, FINDING_ENCRYPTED, VERDICT_FAIL,
		        "the BIOS left memory encryption off (MSR 0xC0010010 bit 23): enable SMEE");
}

/* 1: the table's place is in finding->found; 0: there is none; -1: not to be told. */
static int find_rmp(struct facts *facts, struct finding *finding)
{
	const char *range = facts_log_after(facts, "RMP table physical range ");
	uint64_t base, end;

	if (host_msr(facts->source, MSR_RMP_BASE, &base) == 0 &&
	    host_msr(facts->source, MSR_RMP_END, &end) == 0) {
		finding_say(finding, "%#llx to %#llx", (unsigned long long)base,
		            (unsigned long long)end);
		return base && end > base;
	}
	if (range) {
		finding_say(finding, "%.*s", (int)strcspn(range, "\n"), range);
		return 1;
	}
	if (facts_log_after(facts, "Memory for the RMP table has not been reserved by BIOS")) {
		finding_say(finding, "not reserved");
		return 0;
	}
	finding_say(finding, "Linux's log does not mention it");
	return -1;
}

void check_bios_rmp(struct facts *facts, struct finding *finding)
{
	int there = find_rmp(facts, finding);

	if (there)
		finding_judge_all(finding, FINDING_SNP, there > 0 ? VERDICT_OK : VERDICT_UNKNOWN,
		                  "");
	else
		finding_judge_all(
		        finding, FINDING_SNP, VERDICT_FAIL,
		        "the BIOS reserved no memory for the RMP table: enable SNP Memory (RMP "
		        "Table) Coverage in the BIOS");
}

/* Why Linux gave SNP up at boot, as it says itself (drivers/iommu/amd/init.c, iommu_snp_enable). */
static const struct {
	const char *says, *reason;
} iommu_refusals[] = {
        {"SNP: IOMMU disabled or configured in passthrough mode",
         "SNP needs the IOMMU, and not in passthrough mode: enable it in the BIOS, and take "
         "amd_iommu=off, iommu=pt and iommu.passthrough=1 off the host's command line; where Linux "
         "was built to pass through, add iommu=nopt"},
        {"SNP: IOMMU is configured with V2 page table mode",
         "SNP needs IOMMU page tables of version 1: take amd_iommu=pgtbl_v2 off the host's command "
         "line"},
        {"SNP: IOMMU SNP feature not enabled",
         "the IOMMU does not offer SNP: set SEV-SNP Support (NBIO options) to Enabled in the BIOS, "
         "where Auto may mean off"},
};
#define IOMMU_REFUSALS (sizeof(iommu_refusals) / sizeof(iommu_refusals[0]))

void check_bios_iommu(struct facts *facts, struct finding *finding)
{
	const char *reason = NULL;
	char type[32], pattern[PATH_MAX];
	glob_t units = {0};
	bool there;

	snprintf(pattern, sizeof(pattern), "%s/sys/class/iommu/*", facts->source->root);
	there = glob(pattern, 0, NULL, &units) == 0;
	globfree(&units);
	if (host_read_choice(facts->source, "/sys/kernel/iommu_groups/0/type", type, sizeof(type)))
		type[0] = '\0';
	finding_say(finding, "%s%s%s", there ? "on" : "off", type[0] ? ", " : "",
	            !strcmp(type, "identity") ? "passthrough" : type);
	if (!there || !strcmp(type, "identity"))
		reason = iommu_refusals[0].reason;
	for (size_t i = 0; i < IOMMU_REFUSALS && !reason; i++) {
		if (facts_log_after(facts, iommu_refusals[i].says))
			reason = iommu_refusals[i].reason;
	}
	finding_judge_all(finding, FINDING_SNP, reason ? VERDICT_FAIL : VERDICT_OK,
	                  reason ? reason : "");
}
