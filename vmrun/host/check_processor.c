/* SPDX-License-Identifier: MIT */
#include "vmrun/host/check_processor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmrun/host/need.h"
#include "vmrun/host/sevleaf.h"

/* Leaves 0x80000002 to 0x80000004: the name, padded with blanks on either side. */
static void read_brand(const struct cpu_source *cpu, char brand[49])
{
	uint32_t regs[4];
	char *end;
	size_t blanks;

	memset(brand, 0, 49);
	for (size_t i = 0; i < 3; i++) {
		if (!cpu_id_at(cpu, 0x80000002U + (uint32_t)i, 0, regs))
			return;
		memcpy(brand + 16 * i, regs, sizeof(regs));
	}
	blanks = strspn(brand, " ");
	memmove(brand, brand + blanks, strlen(brand + blanks) + 1);
	for (end = brand + strlen(brand); end > brand && end[-1] == ' ';)
		*--end = '\0';
}

static bool has_device(struct facts *facts)
{
	struct host_device device;

	return host_device(facts->source, "/dev/sev", &device) != -ENOENT;
}

/* In a virtual machine the processor is what the hypervisor says, and so is what it offers. */
static bool is_virtual(const struct facts *facts, char reason[200])
{
	char hypervisor[CPU_SIGNATURE];

	cpu_hypervisor_at(facts->source->cpu, hypervisor);
	if (!hypervisor[0] || facts->leaf[CPU_EAX] >> need_of(PLATFORM_SEV)->bit & 1)
		return false;
	snprintf(reason, 200,
	         "this is a virtual machine (hypervisor '%s') to which no SEV is offered: its host "
	         "can launch encrypted guests, or a bare-metal instance",
	         hypervisor);
	return true;
}

void check_processor_vendor(struct facts *facts, struct finding *finding)
{
	bool amd = !strcmp(facts->vendor, "AuthenticAMD");
	char brand[49], reason[200];

	read_brand(facts->source->cpu, brand);
	finding_say(finding, "%s%s%s", facts->vendor, brand[0] ? ", " : "", brand);
	finding_judge_all(finding, FINDING_ALL, VERDICT_OK, "");
	snprintf(reason, sizeof(reason),
	         "the processor is no AMD EPYC (CPUID says '%s'), and only those have SEV",
	         facts->vendor);
	if (!amd || is_virtual(facts, reason))
		finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_FAIL, reason);
	else if (brand[0] && !strstr(brand, "EPYC") && !has_device(facts))
		finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_FAIL,
		                  "the processor is no EPYC: its CPUID may show SEV, but the SEV "
		                  "firmware is on EPYC alone");
}

void check_processor_modes(struct facts *facts, struct finding *finding)
{
	if (facts->has_leaf)
		sevleaf_modes(facts->leaf, finding->found, sizeof(finding->found));
	else
		finding_say(finding, "no leaf 0x8000001F");
	for (int p = PLATFORM_SEV; p < PLATFORM_LAUNCH_END; p++) {
		const struct need *need = need_of((enum platform)p);

		if (facts->leaf[CPU_EAX] >> need->bit & 1)
			finding_judge(finding, (enum platform)p, VERDICT_OK, "%s", "");
		else
			finding_judge(
			        finding, (enum platform)p, VERDICT_FAIL,
			        "the processor does not offer %s (CPUID 0x8000001F EAX bit %u "
			        "is 0)",
			        need->title, need->bit);
	}
}

/*
 * How many of the ASIDs of SEV-ES and SNP are SNP's alone: kvm_amd hides their ciphertext (Linux
 * 6.18). 0: they share all.
 */
static uint32_t read_hidden(const struct facts *facts)
{
	char text[16];

	if (host_read_choice(facts->source,
	                     "/sys/module/kvm_amd/parameters/ciphertext_hiding_asids", text,
	                     sizeof(text)))
		return 0;
	return (uint32_t)strtoul(text, NULL, 10);
}

/*
 * Why kvm_amd calls a mode unusable. Linux 7.3 does so too where there are ASIDs, and newer
 * firmware allows no SEV-ES beside SNP (drivers/crypto/ccp/sev-dev.c, sev_firmware_allows_es).
 */
static void judge_unusable(enum platform platform, const char *asids, struct finding *finding)
{
	const char *title = need_of(platform)->title;
	unsigned first, last;

	if (sscanf(asids, "%u - %u", &first, &last) == 2 && first <= last)
		finding_judge(finding, platform, VERDICT_FAIL,
		              "KVM cannot use %s, for the SEV firmware allows none where SNP is "
		              "set up (AMD-SB-3023): switch SNP off in the BIOS, or measure "
		              "without %s",
		              title, title);
	else
		finding_judge(finding, platform, VERDICT_FAIL,
		              "KVM has no ASID for %s ('dmesg | grep ASIDs'): change the SEV-ES "
		              "ASID Space Limit in the BIOS, or kvm_amd's "
		              "ciphertext_hiding_asids",
		              title);
}

/* kvm_amd's own words, "SEV-ES unusable (ASIDs 100 - 99)", are the better witness. */
static void judge_by_log(struct facts *facts, struct finding *finding)
{
	for (int p = PLATFORM_SEV; p < PLATFORM_LAUNCH_END; p++) {
		const char unusable[] = "unusable (ASIDs ", *said;
		char mark[32];

		snprintf(mark, sizeof(mark), "kvm_amd: %s ", need_of((enum platform)p)->title);
		said = facts_log_after(facts, mark);
		if (said && !strncmp(said, unusable, strlen(unusable)))
			judge_unusable((enum platform)p, said + strlen(unusable), finding);
	}
}

void check_processor_asids(struct facts *facts, struct finding *finding)
{
	uint32_t sev = facts_asids_sev(facts), es = facts_asids_es(facts),
	         hidden = read_hidden(facts);

	if (!facts->has_leaf) {
		finding_say(finding, "none");
		return;
	}
	finding_say(finding, "%u for SEV, %u for SEV-ES and SEV-SNP", sev, es);
	if (hidden)
		finding_say(finding, "%u for SEV, %u for SEV-ES, %u for SEV-SNP", sev,
		            es > hidden ? es - hidden : 0, hidden < es ? hidden : es);
	finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_OK, "");
	if (!sev)
		finding_judge_all(
		        finding, 1U << PLATFORM_SEV, VERDICT_FAIL,
		        "no ASID is left for plain SEV: lower the SEV-ES ASID Space Limit in the "
		        "BIOS");
	if (!es)
		finding_judge_all(
		        finding, 1U << PLATFORM_SEV_ES | FINDING_SNP, VERDICT_FAIL,
		        "no ASID is set aside for SEV-ES and SEV-SNP: raise the SEV-ES ASID "
		        "Space Limit in the BIOS");
	else if (hidden >= es)
		finding_judge(finding, PLATFORM_SEV_ES, VERDICT_FAIL,
		              "all %u ASIDs are SNP's: load kvm_amd with ciphertext_hiding_asids "
		              "below %u",
		              es, es);
	judge_by_log(facts, finding);
}
