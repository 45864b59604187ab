/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmrun/host/requirement_check.h"
#include "vmrun/host/sevleaf.h"

#define MSR_SYSCFG   0xc0010010U /* AMD64 APM volume 2, section 15.34.3 */
#define MSR_RMP_BASE 0xc0010132U /* section 15.36.4 */
#define MSR_RMP_END  0xc0010133U
#define SYSCFG_SMEE  (1ULL << 23)
#define SYSCFG_SNP   (1ULL << 24)

/* Two switches, in different menus; "Auto" may mean off. */
#define BIOS_SNP "SEV-SNP Support (NBIO options) and SNP Memory (RMP Table) Coverage"

/*
 * What each mode needs of the processor and of Linux. The BIOS switches are called as in AMD's own
 * BIOS (github.com/AMDESE/AMDSEV, README, "BIOS Settings"); boards group them in their own ways.
 */
static const struct need {
	const char *title;     /* as AMD writes it */
	const char *parameter; /* of the module kvm_amd */
	const char *bios;      /* what to switch on in the BIOS */
	unsigned bit;          /* of CPUID 0x8000001F EAX */
	unsigned vm_type;      /* bit of KVM_CAP_VM_TYPES */
	unsigned major, minor; /* first Linux that can host it */
} needs[PLATFORM_COUNT] = {
        [PLATFORM_SEV] = {"SEV", "sev", "SMEE", 1, 2, 4, 16},
        [PLATFORM_SEV_ES] = {"SEV-ES", "sev_es", "SMEE and a SEV-ES ASID Space Limit above 1", 3, 3,
                             5, 11},
        [PLATFORM_SNP] = {"SEV-SNP", "sev_snp", "SMEE, " BIOS_SNP, 4, 4, 6, 11},
};

const char *requirement_word(enum verdict verdict)
{
	static const char *const words[] = {
	        [VERDICT_NONE] = "",     [VERDICT_OK] = "ok",   [VERDICT_UNKNOWN] = "?",
	        [VERDICT_WARN] = "warn", [VERDICT_FAIL] = "no",
	};

	return words[verdict];
}

void requirement_judge(struct finding *finding, enum platform platform, enum verdict verdict,
                       const char *fmt, ...)
{
	va_list ap;

	finding->verdict[platform] = verdict;
	va_start(ap, fmt);
	vsnprintf(finding->reason[platform], sizeof(finding->reason[platform]), fmt, ap);
	va_end(ap);
}

void requirement_found(struct finding *finding, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(finding->found, sizeof(finding->found), fmt, ap);
	va_end(ap);
}

void requirement_judge_all(struct finding *finding, unsigned modes, enum verdict verdict,
                           const char *reason)
{
	for (int p = 0; p < PLATFORM_COUNT; p++) {
		if (modes >> p & 1)
			requirement_judge(finding, (enum platform)p, verdict, "%s", reason);
	}
}

void requirement_gather(const struct host_source *source, struct requirement_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	facts->source = source;
	cpu_vendor_at(source->cpu, facts->vendor);
	/* The leaf's number means something else, or nothing, to other vendors. */
	facts->has_leaf = !strcmp(facts->vendor, "AuthenticAMD") &&
	                  cpu_id_at(source->cpu, SEVLEAF, 0, facts->leaf);
	if (!facts->has_leaf)
		memset(facts->leaf, 0, sizeof(facts->leaf));
}

void requirement_release(struct requirement_facts *facts)
{
	free(facts->log);
	facts->log = NULL;
}

const struct kvmprobe *requirement_kvm(struct requirement_facts *facts)
{
	if (!facts->probed)
		host_kvm(facts->source, &facts->kvm, NULL);
	facts->probed = true;
	return &facts->kvm;
}

const char *requirement_log_after(struct requirement_facts *facts, const char *mark)
{
	const char *at, *last = NULL;

	if (!facts->logged)
		facts->log = host_log(facts->source);
	facts->logged = true;
	for (at = facts->log; at && (at = strstr(at, mark)); at += strlen(mark))
		last = at + strlen(mark);
	return last;
}

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

static void check_processor(struct requirement_facts *facts, struct finding *finding)
{
	bool amd = !strcmp(facts->vendor, "AuthenticAMD");
	char brand[49], reason[200];

	read_brand(facts->source->cpu, brand);
	requirement_found(finding, "%s%s%s", facts->vendor, brand[0] ? ", " : "", brand);
	requirement_judge_all(finding, REQUIREMENT_ALL, VERDICT_OK, "");
	snprintf(reason, sizeof(reason),
	         "the processor is no AMD EPYC (CPUID says '%s'), and only those have SEV",
	         facts->vendor);
	if (!amd)
		requirement_judge_all(finding, REQUIREMENT_ENCRYPTED, VERDICT_FAIL, reason);
}

static void check_modes(struct requirement_facts *facts, struct finding *finding)
{
	if (facts->has_leaf)
		sevleaf_modes(facts->leaf, finding->found, sizeof(finding->found));
	else
		requirement_found(finding, "no leaf 0x8000001F");
	for (int p = PLATFORM_SEV; p < PLATFORM_COUNT; p++) {
		if (facts->leaf[CPU_EAX] >> needs[p].bit & 1)
			requirement_judge(finding, (enum platform)p, VERDICT_OK, "%s", "");
		else
			requirement_judge(
			        finding, (enum platform)p, VERDICT_FAIL,
			        "the processor does not offer %s (CPUID 0x8000001F EAX bit %u "
			        "is 0)",
			        needs[p].title, needs[p].bit);
	}
}

static void check_bios(struct requirement_facts *facts, struct finding *finding)
{
	uint64_t value;
	int rc = host_msr(facts->source, MSR_SYSCFG, &value);

	if (rc) {
		requirement_found(finding, "MSR 0xC0010010 cannot be read (%s)",
		                  rc == -ENOENT ? "modprobe msr" : strerror(-rc));
		requirement_judge_all(finding, REQUIREMENT_ENCRYPTED, VERDICT_UNKNOWN, "");
		return;
	}
	requirement_found(finding, "memory encryption %s, SNP %s",
	                  value & SYSCFG_SMEE ? "on" : "off", value & SYSCFG_SNP ? "on" : "off");
	requirement_judge_all(finding, REQUIREMENT_ENCRYPTED, VERDICT_OK, "");
	if (!(value & SYSCFG_SNP))
		requirement_judge_all(finding, REQUIREMENT_SNP, VERDICT_FAIL,
		                      "SNP is off (MSR 0xC0010010 bit 24): enable " BIOS_SNP
		                      " in the BIOS, and start Linux with the IOMMU on");
	if (!(value & SYSCFG_SMEE))
		requirement_judge_all(
		        finding, REQUIREMENT_ENCRYPTED, VERDICT_FAIL,
		        "the BIOS left memory encryption off (MSR 0xC0010010 bit 23): enable SMEE");
}

uint32_t requirement_asids_sev(const struct requirement_facts *facts)
{
	uint32_t all = facts->leaf[CPU_ECX], first = facts->leaf[CPU_EDX];

	return first && first <= all ? all - first + 1 : 0;
}

/* SEV-ES and SNP take the ASIDs from 1 up to the minimum of SEV, less one. */
uint32_t requirement_asids_es(const struct requirement_facts *facts)
{
	uint32_t first = facts->leaf[CPU_EDX];

	return first ? first - 1 : 0;
}

static void check_asids(struct requirement_facts *facts, struct finding *finding)
{
	uint32_t sev = requirement_asids_sev(facts), es = requirement_asids_es(facts);

	if (!facts->has_leaf) {
		requirement_found(finding, "none");
		return;
	}
	requirement_found(finding, "%u for SEV, %u for SEV-ES and SEV-SNP", sev, es);
	requirement_judge_all(finding, REQUIREMENT_ENCRYPTED, VERDICT_OK, "");
	if (!sev)
		requirement_judge_all(
		        finding, 1U << PLATFORM_SEV, VERDICT_FAIL,
		        "no ASID is left for plain SEV: lower the SEV-ES ASID Space Limit in the "
		        "BIOS");
	if (!es)
		requirement_judge_all(
		        finding, 1U << PLATFORM_SEV_ES | REQUIREMENT_SNP, VERDICT_FAIL,
		        "no ASID is set aside for SEV-ES and SEV-SNP: raise the SEV-ES ASID "
		        "Space Limit in the BIOS");
}

static void check_linux(struct requirement_facts *facts, struct finding *finding)
{
	char release[HOST_RELEASE];
	unsigned major = 0, minor = 0;

	host_release(facts->source, release);
	requirement_found(finding, "%s", release);
	requirement_judge(finding, PLATFORM_NOSEV, VERDICT_OK, "%s", "");
	if (sscanf(release, "%u.%u", &major, &minor) != 2) {
		requirement_judge_all(finding, REQUIREMENT_ENCRYPTED, VERDICT_UNKNOWN, "");
		return;
	}
	for (int p = PLATFORM_SEV; p < PLATFORM_COUNT; p++) {
		const struct need *n = &needs[p];

		requirement_judge(finding, (enum platform)p, VERDICT_OK, "%s", "");
		if (major < n->major || (major == n->major && minor < n->minor))
			requirement_judge(
			        finding, (enum platform)p, VERDICT_WARN,
			        "Linux %u.%u is older than %u.%u, the first that can host %s, "
			        "unless it is AMD's fork",
			        major, minor, n->major, n->minor, n->title);
	}
}

/* Linux before 6.8 does not say which types of guests it can make. */
static void check_types(struct requirement_facts *facts, struct finding *finding)
{
	const struct kvmprobe *kvm = requirement_kvm(facts);

	requirement_found(finding, "%#x", (unsigned)kvm->vm_types);
	if (!kvm->vm_types)
		requirement_found(finding, "KVM does not say");
	for (int p = PLATFORM_SEV; p < PLATFORM_COUNT; p++) {
		if (!kvm->vm_types)
			requirement_judge(finding, (enum platform)p, VERDICT_UNKNOWN, "%s", "");
		else if (kvm->vm_types >> needs[p].vm_type & 1)
			requirement_judge(finding, (enum platform)p, VERDICT_OK, "%s", "");
		else
			requirement_judge(
			        finding, (enum platform)p, VERDICT_FAIL,
			        "KVM cannot make guests of the type %s (KVM_CAP_VM_TYPES is "
			        "%#x): see the rows before this one",
			        needs[p].title, (unsigned)kvm->vm_types);
	}
}

static void check_parameter(struct requirement_facts *facts, struct finding *finding,
                            enum platform platform)
{
	const struct need *need = &needs[platform];
	size_t at = strlen(finding->found);
	char path[128], value[16] = "absent", other[16];
	int rc;

	snprintf(path, sizeof(path), "/sys/module/kvm_amd/parameters/%s", need->parameter);
	rc = host_read_choice(facts->source, path, value, sizeof(value));
	snprintf(finding->found + at, sizeof(finding->found) - at, "%s%s=%s", at ? ", " : "",
	         need->parameter, value);
	if (!rc && (!strcmp(value, "Y") || !strcmp(value, "1")))
		requirement_judge(finding, platform, VERDICT_OK, "%s", "");
	else if (!rc)
		requirement_judge(finding, platform, VERDICT_FAIL,
		                  "KVM has %s switched off (%s is %s): enable %s in the BIOS, load "
		                  "kvm_amd with %s=1, and see 'dmesg | grep -i -e sev -e rmp'",
		                  need->title, path, value, need->bios, need->parameter);
	else if (host_read_choice(facts->source, "/sys/module/kvm_amd/parameters/sev", other,
	                          sizeof(other)) == 0)
		requirement_judge(finding, platform, VERDICT_FAIL,
		                  "this Linux knows no %s (no %s): it needs Linux %u.%u or later",
		                  need->title, path, need->major, need->minor);
	else
		requirement_judge(
		        finding, platform, VERDICT_FAIL,
		        "the module kvm_amd is not loaded, or was built without SEV (no %s); "
		        "try 'modprobe kvm_amd'",
		        path);
}

static void check_parameters(struct requirement_facts *facts, struct finding *finding)
{
	for (int p = PLATFORM_SEV; p < PLATFORM_COUNT; p++)
		check_parameter(facts, finding, (enum platform)p);
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

static void check_iommu(struct requirement_facts *facts, struct finding *finding)
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
	requirement_found(finding, "%s%s%s", there ? "on" : "off", type[0] ? ", " : "",
	                  !strcmp(type, "identity") ? "passthrough" : type);
	if (!there || !strcmp(type, "identity"))
		reason = iommu_refusals[0].reason;
	for (size_t i = 0; i < IOMMU_REFUSALS && !reason; i++) {
		if (requirement_log_after(facts, iommu_refusals[i].says))
			reason = iommu_refusals[i].reason;
	}
	requirement_judge_all(finding, REQUIREMENT_SNP, reason ? VERDICT_FAIL : VERDICT_OK,
	                      reason ? reason : "");
}

/* 1: the table's place is in finding->found; 0: there is none; -1: not to be told. */
static int find_rmp(struct requirement_facts *facts, struct finding *finding)
{
	const char *range = requirement_log_after(facts, "RMP table physical range ");
	uint64_t base, end;

	if (host_msr(facts->source, MSR_RMP_BASE, &base) == 0 &&
	    host_msr(facts->source, MSR_RMP_END, &end) == 0) {
		requirement_found(finding, "%#llx to %#llx", (unsigned long long)base,
		                  (unsigned long long)end);
		return base && end > base;
	}
	if (range) {
		requirement_found(finding, "%.*s", (int)strcspn(range, "\n"), range);
		return 1;
	}
	if (requirement_log_after(facts,
	                          "Memory for the RMP table has not been reserved by BIOS")) {
		requirement_found(finding, "not reserved");
		return 0;
	}
	requirement_found(finding, "no word of it");
	return -1;
}

static void check_rmp(struct requirement_facts *facts, struct finding *finding)
{
	int there = find_rmp(facts, finding);

	if (there)
		requirement_judge_all(finding, REQUIREMENT_SNP,
		                      there > 0 ? VERDICT_OK : VERDICT_UNKNOWN, "");
	else
		requirement_judge_all(
		        finding, REQUIREMENT_SNP, VERDICT_FAIL,
		        "the BIOS reserved no memory for the RMP table: enable SNP Memory (RMP "
		        "Table) Coverage in the BIOS");
}

static const struct requirement rows[] = {
        {"processor", REQUIREMENT_ALL, true, check_processor},
        {"CPUID 0x8000001F", REQUIREMENT_ENCRYPTED, true, check_modes},
        {"BIOS", REQUIREMENT_ENCRYPTED, false, check_bios},
        {"ASIDs", REQUIREMENT_ENCRYPTED, true, check_asids},
        {"RMP table", REQUIREMENT_SNP, false, check_rmp},
        {"IOMMU", REQUIREMENT_SNP, false, check_iommu},
        {"SEV firmware", REQUIREMENT_ENCRYPTED, true, requirement_check_firmware},
        {"SNP firmware", REQUIREMENT_SNP, true, requirement_check_snp},
        {"Linux", REQUIREMENT_ALL, false, check_linux},
        {"/dev/kvm", REQUIREMENT_ALL, true, requirement_check_kvm},
        {"module kvm_amd", REQUIREMENT_ENCRYPTED, true, check_parameters},
        {"/dev/sev", REQUIREMENT_ENCRYPTED, true, requirement_check_sev},
        {"types of guests", REQUIREMENT_ENCRYPTED, true, check_types},
};

const struct requirement *requirement_rows(size_t *count)
{
	*count = sizeof(rows) / sizeof(rows[0]);
	return rows;
}
