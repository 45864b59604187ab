/* SPDX-License-Identifier: MIT */
#include "vmrun/host/check_bios.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cpu.h"
#include "harness/snp_host.h"
#include "harness/units.h"
#include "vmrun/host/need.h"

#define MSR_RMP_BASE 0xc0010132U /* AMD64 APM volume 2, section 15.36.4 */
#define MSR_RMP_END  0xc0010133U
#define RMP_BLOCK    (2ULL << 20)
/* Bit 0: segmented, bits 13 to 8: the shift of a segment (Linux, arch/x86/virt/svm/sev.c). */
#define MSR_RMP_CFG 0xc0010136U
/* EBX bits 9 to 0: segments that are cached, where bit 10 says so (the same file); EDX bit 0:
 * RMPOPT, by which the checks are left out where no guest has memory (Linux, "x86/sev: Add support
 * for RMPOPT"). */
#define LEAF_RMP 0x80000025U

const char check_bios_off[] =
        "the BIOS left memory encryption off (MSR 0xC0010010 bit 23): enable SMEE";

/* Linux's word at boot that nothing stands in SNP's way (drivers/iommu/amd/init.c). */
static bool linux_found_snp(struct facts *facts)
{
	return facts_log_after(facts, "IOMMU SNP support enabled") != NULL;
}

/*
 * Linux switches SNP on at boot, before it says that. From 7.2 on at the latest it is left to the
 * module ccp, when a module asks for SNP (arch/x86/virt/svm/sev.c, snp_prepare): until then the
 * switch says nothing.
 */
static bool snp_is_switched_late(struct facts *facts)
{
	return facts_linux_from(facts, 7, 2) || linux_found_snp(facts);
}

/*
 * It is Linux that sets the bit (arch/x86/virt/svm/sev.c, snp_enable), where the BIOS allows it and
 * nothing else is in the way: one that knows no SNP leaves it off, and where a row that comes later
 * has the cause, that is it.
 */
static void judge_snp_off(struct facts *facts, struct finding *finding)
{
	struct finding rmp = {0}, iommu = {0};
	char value[16];

	finding_judge_all(finding, FINDING_SNP, VERDICT_UNKNOWN, "");
	if (host_read_choice(facts->source, "/sys/module/kvm_amd/parameters/sev_snp", value,
	                     sizeof(value)) &&
	    !facts_linux_from(facts, need_of(PLATFORM_SNP)->major, need_of(PLATFORM_SNP)->minor))
		return;
	check_bios_rmp(facts, &rmp);
	check_bios_iommu(facts, &iommu);
	finding_judge_all(finding, FINDING_SNP, VERDICT_FAIL,
	                  rmp.verdict[PLATFORM_SNP] == VERDICT_FAIL ||
	                                  iommu.verdict[PLATFORM_SNP] == VERDICT_FAIL
	                          ? ""
	                          : "SNP is off (MSR 0xC0010010 bit 24): enable " NEED_BIOS_SNP
	                            " in the BIOS, and start Linux with the IOMMU on");
}

void check_bios_switches(struct facts *facts, struct finding *finding)
{
	uint64_t value;
	int rc = host_msr(facts->source, SNP_HOST_SYSCFG, &value);

	if (rc && facts_log_off(facts)) {
		finding_say(finding, "memory encryption off, by Linux's log");
		finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_FAIL, check_bios_off);
		return;
	}
	if (rc) {
		finding_say(finding, "MSR 0xC0010010 cannot be read (%s)",
		            rc == -ENOENT ? "modprobe msr" : strerror(-rc));
		finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_UNKNOWN, "");
		return;
	}
	finding_say(finding, "memory encryption %s, SNP %s", value & SNP_HOST_SMEE ? "on" : "off",
	            value & SNP_HOST_SNP          ? "on"
	            : snp_is_switched_late(facts) ? "not switched on yet"
	                                          : "off");
	finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_OK, "");
	if (!(value & SNP_HOST_SNP) && snp_is_switched_late(facts))
		finding_judge_all(finding, FINDING_SNP, VERDICT_UNKNOWN, "");
	else if (!(value & SNP_HOST_SNP))
		judge_snp_off(facts, finding);
	if (!(value & SNP_HOST_SMEE))
		finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_FAIL, check_bios_off);
}

/* As Linux (arch/x86/virt/svm/sev.c) and AMD's forks of it write. */
static const char *const rmp_ranges[] = {
        "Segmented RMP base table physical range ",
        "RMP table physical range ",
        "RMP table physical address ",
};
#define RMP_RANGES (sizeof(rmp_ranges) / sizeof(rmp_ranges[0]))

enum rmp { RMP_UNKNOWN, RMP_ABSENT, RMP_SMALL, RMP_THERE };

/* An entry of 16 bytes for each 4 KiB, and 16 KiB before them (Linux, arch/x86/virt/svm/sev.c). */
static uint64_t rmp_size(uint64_t memory)
{
	return memory / 4096 * 16 + 0x4000;
}

/* The host's memory in bytes, without what Linux never got; 0: not known. */
static uint64_t read_memory(const struct facts *facts)
{
	char text[64];
	unsigned long long kib;

	if (host_read_choice(facts->source, "/proc/meminfo", text, sizeof(text)) ||
	    sscanf(text, "MemTotal: %llu kB", &kib) != 1)
		return 0;
	return kib * 1024;
}

/* "128G each, 16 of them cached": how the table is cut, and what makes its checks cheaper. */
static void say_segments(struct facts *facts, uint64_t base, uint64_t config,
                         struct finding *finding)
{
	unsigned shift = config >> 8 & 0x3f;
	char size[UNITS_TEXT], cached[32] = "";
	uint32_t leaf[4] = {0};

	cpu_id_at(facts->source->cpu, LEAF_RMP, 0, leaf);
	if (leaf[1] >> 10 & 1)
		snprintf(cached, sizeof(cached), ", %u of them cached", leaf[1] & 0x3ff);
	finding_say(finding, "segmented, from %#llx on, %s each%s%s", (unsigned long long)base,
	            units_size(1ULL << shift, size), cached, leaf[3] & 1 ? ", RMPOPT" : "");
}

static enum rmp find_rmp_by_msr(struct facts *facts, struct finding *finding)
{
	uint64_t base, end, config = 0;

	if (host_msr(facts->source, MSR_RMP_BASE, &base) ||
	    host_msr(facts->source, MSR_RMP_END, &end))
		return RMP_UNKNOWN;
	if (host_msr(facts->source, MSR_RMP_CFG, &config) == 0 && config & 1) {
		say_segments(facts, base, config, finding);
		return base ? RMP_THERE : RMP_ABSENT;
	}
	finding_say(finding, "%#llx to %#llx", (unsigned long long)base, (unsigned long long)end);
	if (!base || end <= base)
		return RMP_ABSENT;
	return end - base + 1 < rmp_size(read_memory(facts)) ? RMP_SMALL : RMP_THERE;
}

/* Where the table begins and ends, by the registers or else by Linux's log. */
static bool read_range(struct facts *facts, uint64_t *base, uint64_t *end)
{
	unsigned long long from, to;

	if (!host_msr(facts->source, MSR_RMP_BASE, base) &&
	    !host_msr(facts->source, MSR_RMP_END, end) && *end)
		return true;
	for (size_t i = 0; i < RMP_RANGES; i++) {
		const char *range = facts_log_after(facts, rmp_ranges[i]);

		if (!range || sscanf(range, "[%llx - %llx]", &from, &to) != 2)
			continue;
		*base = from;
		*end = to;
		return true;
	}
	return false;
}

/*
 * The table owns whole blocks of 2 MiB. Linux reserves what is left of its first and its last since
 * "x86/sev: Ensure that RMP table fixups are reserved" (88a921aa3c6b: 6.12, 6.11.6).
 */
static void judge_edges(struct facts *facts, struct finding *finding)
{
	uint64_t base, end;

	if (facts_linux_from(facts, 6, 12) || !read_range(facts, &base, &end) ||
	    (base % RMP_BLOCK == 0 && (end + 1) % RMP_BLOCK == 0))
		return;
	finding_judge_all(finding, FINDING_SNP, VERDICT_WARN,
	                  "this Linux hands out the memory beside the RMP table, with which an SNP "
	                  "guest fails: update it to 6.12, or 6.11.6, or later");
}

static enum rmp find_rmp_by_log(struct facts *facts, struct finding *finding)
{
	for (size_t i = 0; i < RMP_RANGES; i++) {
		const char *range = facts_log_after(facts, rmp_ranges[i]);

		if (!range)
			continue;
		finding_say(finding, "%.*s", (int)strcspn(range, "\n"), range);
		return RMP_THERE;
	}
	if (facts_log_after(facts, "Memory for the RMP table has not been reserved by BIOS") ||
	    facts_log_after(facts, "RMP configuration not valid")) {
		finding_say(finding, "not reserved");
		return RMP_ABSENT;
	}
	finding_say(finding, "Linux's log does not mention it");
	return RMP_UNKNOWN;
}

void check_bios_rmp(struct facts *facts, struct finding *finding)
{
	enum rmp rmp = find_rmp_by_msr(facts, finding);

	if (rmp == RMP_UNKNOWN)
		rmp = find_rmp_by_log(facts, finding);
	/* That there is a range, Linux says before it says that the range will not do. */
	if (rmp == RMP_THERE &&
	    (facts_log_after(facts, "the RMP table does not cover full system RAM") ||
	     facts_log_after(facts, "Segmented RMP does not cover full system RAM")))
		rmp = RMP_SMALL;
	finding_judge_all(finding, FINDING_SNP, rmp == RMP_THERE ? VERDICT_OK : VERDICT_UNKNOWN,
	                  "");
	if (rmp == RMP_THERE)
		judge_edges(facts, finding);
	else if (rmp == RMP_ABSENT)
		finding_judge_all(
		        finding, FINDING_SNP, VERDICT_FAIL,
		        "the BIOS reserved no memory for the RMP table: enable " NEED_BIOS_SNP
		        " in the BIOS");
	else if (rmp == RMP_SMALL)
		finding_judge_all(
		        finding, FINDING_SNP, VERDICT_FAIL,
		        "the RMP table does not cover all memory: set SNP Memory (RMP Table) "
		        "Coverage in the BIOS to Enabled, not to Custom with less than all");
}

/* Why Linux gave SNP up at boot, as it says itself (drivers/iommu/amd/init.c, iommu_snp_enable). */
static const struct {
	const char *says, *reason;
} iommu_refusals[] = {
        {"configured in passthrough mode, SNP cannot be supported",
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

#define IOMMU_SNP (1ULL << 63) /* of the extended features: SNPSup */

/* The extended features: of the two words that Linux shows the first from 6.7 on, the second
 * before. */
static bool read_features(const struct facts *facts, unsigned long long *features)
{
	unsigned long long first = 0, second = 0;
	char text[64];
	int read;

	if (host_read_choice(facts->source, "/sys/class/iommu/ivhd0/amd-iommu/features", text,
	                     sizeof(text)))
		return false;
	read = sscanf(text, "%llx:%llx", &first, &second);
	*features = read == 1 || facts_linux_from(facts, 6, 7) ? first : second;
	return read >= 1;
}

/* Does the IOMMU say that it can do SNP, or Linux that it does? Else nobody knows. */
static void judge_features(struct facts *facts, struct finding *finding)
{
	unsigned long long features;

	finding_judge_all(finding, FINDING_SNP, VERDICT_UNKNOWN, "");
	if (linux_found_snp(facts))
		finding_judge_all(finding, FINDING_SNP, VERDICT_OK, "");
	else if (read_features(facts, &features))
		finding_judge_all(finding, FINDING_SNP,
		                  features & IOMMU_SNP ? VERDICT_OK : VERDICT_FAIL,
		                  features & IOMMU_SNP ? "" : iommu_refusals[2].reason);
}

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
	/* Linux 7.3 lets an IOMMU pass through that can do so under SNP. */
	if (!there || (!strcmp(type, "identity") && !linux_found_snp(facts)))
		reason = iommu_refusals[0].reason;
	for (size_t i = 0; i < IOMMU_REFUSALS && !reason; i++) {
		if (facts_log_after(facts, iommu_refusals[i].says))
			reason = iommu_refusals[i].reason;
	}
	if (reason)
		finding_judge_all(finding, FINDING_SNP, VERDICT_FAIL, reason);
	else
		judge_features(facts, finding);
}
