/* SPDX-License-Identifier: MIT */
#include "vmrun/requirement.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmrun/sevleaf.h"

#define ALL       (1U << PLATFORM_NOSEV | ENCRYPTED)
#define ENCRYPTED (1U << PLATFORM_SEV | 1U << PLATFORM_SEV_ES | 1U << PLATFORM_SNP)
#define SNP       (1U << PLATFORM_SNP)

#define MSR_SYSCFG   0xc0010010U /* AMD64 APM volume 2, section 15.34.3 */
#define MSR_RMP_BASE 0xc0010132U /* section 15.36.4 */
#define MSR_RMP_END  0xc0010133U
#define SYSCFG_SMEE  (1ULL << 23)
#define SYSCFG_SNP   (1ULL << 24)

/* The SEV firmware that Linux wants for SNP (drivers/crypto/ccp/sev-dev.c). */
#define SNP_API_MAJOR 1
#define SNP_API_MINOR 51

/* What each mode needs of the processor and of Linux. */
static const struct need {
	const char *title;     /* as AMD writes it */
	const char *parameter; /* of the module kvm_amd */
	const char *bios;      /* what to switch on in the BIOS */
	unsigned bit;          /* of CPUID 0x8000001F EAX */
	unsigned vm_type;      /* bit of KVM_CAP_VM_TYPES */
	unsigned major, minor; /* first Linux that can host it */
} needs[PLATFORM_COUNT] = {
        [PLATFORM_SEV] = {"SEV", "sev", "SMEE", 1, 2, 4, 16},
        [PLATFORM_SEV_ES] = {"SEV-ES", "sev_es", "SMEE and an ASID limit for SEV-ES above 1", 3, 3,
                             5, 11},
        [PLATFORM_SNP] = {"SEV-SNP", "sev_snp", "SMEE, SEV-SNP and its memory coverage (RMP)", 4, 4,
                          6, 11},
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

static void found(struct finding *finding, const char *text)
{
	snprintf(finding->found, sizeof(finding->found), "%s", text);
}

static void judge_all(struct finding *finding, unsigned modes, enum verdict verdict,
                      const char *reason)
{
	for (int p = 0; p < PLATFORM_COUNT; p++) {
		if (modes >> p & 1)
			requirement_judge(finding, (enum platform)p, verdict, "%s", reason);
	}
}

void requirement_gather(const struct host_source *source, struct requirement_facts *facts)
{
	uint32_t regs[4];

	memset(facts, 0, sizeof(*facts));
	facts->source = source;
	if (cpu_id_at(source->cpu, 0, 0, regs)) {
		memcpy(facts->vendor, &regs[CPU_EBX], 4);
		memcpy(facts->vendor + 4, &regs[CPU_EDX], 4);
		memcpy(facts->vendor + 8, &regs[CPU_ECX], 4);
	}
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

static const struct kvmprobe *kvm_of(struct requirement_facts *facts)
{
	if (!facts->probed)
		host_kvm(facts->source, &facts->kvm, NULL);
	facts->probed = true;
	return &facts->kvm;
}

/* The rest of the log's last line that has `mark`, or NULL. The text stays in the log. */
static const char *log_after(struct requirement_facts *facts, const char *mark)
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
	snprintf(finding->found, sizeof(finding->found), "%s%s%s", facts->vendor,
	         brand[0] ? ", " : "", brand);
	judge_all(finding, ALL, VERDICT_OK, "");
	snprintf(reason, sizeof(reason),
	         "the processor is no AMD EPYC (CPUID says '%s'), and only those have SEV",
	         facts->vendor);
	if (!amd)
		judge_all(finding, ENCRYPTED, VERDICT_FAIL, reason);
}

static void check_modes(struct requirement_facts *facts, struct finding *finding)
{
	if (facts->has_leaf)
		sevleaf_modes(facts->leaf, finding->found, sizeof(finding->found));
	else
		found(finding, "no leaf 0x8000001F");
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
		snprintf(finding->found, sizeof(finding->found),
		         "MSR 0xC0010010 cannot be read (%s)",
		         rc == -ENOENT ? "modprobe msr" : strerror(-rc));
		judge_all(finding, ENCRYPTED, VERDICT_UNKNOWN, "");
		return;
	}
	snprintf(finding->found, sizeof(finding->found), "memory encryption %s, SNP %s",
	         value & SYSCFG_SMEE ? "on" : "off", value & SYSCFG_SNP ? "on" : "off");
	judge_all(finding, ENCRYPTED, VERDICT_OK, "");
	if (!(value & SYSCFG_SNP))
		judge_all(finding, SNP, VERDICT_FAIL,
		          "SNP is off (MSR 0xC0010010 bit 24): enable SEV-SNP and its memory "
		          "coverage "
		          "(RMP) in the BIOS, and start Linux with the IOMMU on");
	if (!(value & SYSCFG_SMEE))
		judge_all(
		        finding, ENCRYPTED, VERDICT_FAIL,
		        "the BIOS left memory encryption off (MSR 0xC0010010 bit 23): enable SMEE");
}

/* SEV-ES and SNP take the ASIDs from 1 up to the minimum of SEV, less one. */
static void check_asids(struct requirement_facts *facts, struct finding *finding)
{
	uint32_t all = facts->leaf[CPU_ECX], first = facts->leaf[CPU_EDX];
	uint32_t sev = first && first <= all ? all - first + 1 : 0;
	uint32_t es = first ? first - 1 : 0;

	if (!facts->has_leaf) {
		found(finding, "none");
		return;
	}
	snprintf(finding->found, sizeof(finding->found), "%u for SEV, %u for SEV-ES and SEV-SNP",
	         sev, es);
	judge_all(finding, ENCRYPTED, VERDICT_OK, "");
	if (!sev)
		judge_all(finding, 1U << PLATFORM_SEV, VERDICT_FAIL,
		          "no ASID is left for plain SEV: lower the ASID limit for SEV-ES in the "
		          "BIOS");
	if (!es)
		judge_all(finding, 1U << PLATFORM_SEV_ES | SNP, VERDICT_FAIL,
		          "no ASID is set aside for SEV-ES and SEV-SNP: raise the ASID limit for "
		          "SEV-ES "
		          "(SEV-ES ASID space limit) in the BIOS");
}

static void check_linux(struct requirement_facts *facts, struct finding *finding)
{
	char release[HOST_RELEASE];
	unsigned major = 0, minor = 0;

	host_release(facts->source, release);
	found(finding, release);
	requirement_judge(finding, PLATFORM_NOSEV, VERDICT_OK, "%s", "");
	if (sscanf(release, "%u.%u", &major, &minor) != 2) {
		judge_all(finding, ENCRYPTED, VERDICT_UNKNOWN, "");
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

static void check_kvm(struct requirement_facts *facts, struct finding *finding)
{
	const struct kvmprobe *kvm = kvm_of(facts);

	if (kvm->works)
		found(finding, "runs guest code");
	else if (kvm->speed > 0)
		snprintf(finding->found, sizeof(finding->found),
		         "%.1f million instructions a second", kvm->speed / 1e6);
	else
		found(finding, "does not work");
	judge_all(finding, ALL, kvm->works ? VERDICT_OK : VERDICT_FAIL,
	          kvm->works ? "" : kvm->reason);
}

/* Linux before 6.8 does not say which types of guests it can make. */
static void check_types(struct requirement_facts *facts, struct finding *finding)
{
	const struct kvmprobe *kvm = kvm_of(facts);

	snprintf(finding->found, sizeof(finding->found), "%#x", (unsigned)kvm->vm_types);
	if (!kvm->vm_types)
		found(finding, "KVM does not say");
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

static void check_device(struct requirement_facts *facts, struct finding *finding)
{
	int rc = host_access(facts->source, "/dev/sev");

	if (!rc) {
		found(finding, "there, and allowed");
		judge_all(finding, ENCRYPTED, VERDICT_OK, "");
	} else if (rc == -ENOENT) {
		found(finding, "not there");
		judge_all(finding, ENCRYPTED, VERDICT_FAIL,
		          "no /dev/sev: the module ccp did not find the SEV firmware; see 'dmesg | "
		          "grep "
		          "-i ccp'");
	} else {
		found(finding, strerror(-rc));
		judge_all(finding, ENCRYPTED, VERDICT_FAIL,
		          "/dev/sev cannot be opened: become root, or give yourself access to it");
	}
}

static void check_firmware(struct requirement_facts *facts, struct finding *finding)
{
	const char *text = log_after(facts, "SEV-SNP API:");
	unsigned major, minor, build;

	if (!text)
		text = log_after(facts, "SEV API:");
	if (!text || sscanf(text, "%u.%u build:%u", &major, &minor, &build) != 3) {
		found(finding,
		      facts->log ? "no word in Linux's log" : "Linux's log cannot be read");
		judge_all(finding, ENCRYPTED, VERDICT_UNKNOWN, "");
		return;
	}
	snprintf(finding->found, sizeof(finding->found), "API %u.%u build %u", major, minor, build);
	judge_all(finding, ENCRYPTED, VERDICT_OK, "");
	if (major < SNP_API_MAJOR || (major == SNP_API_MAJOR && minor < SNP_API_MINOR))
		judge_all(finding, SNP, VERDICT_FAIL,
		          "the SEV firmware is too old for SNP, which needs API 1.51: update the "
		          "BIOS, or "
		          "/lib/firmware/amd (linux-firmware)");
}

static void check_iommu(struct requirement_facts *facts, struct finding *finding)
{
	bool refused = log_after(facts, "SNP: IOMMU disabled or configured in passthrough mode");
	char type[32], pattern[PATH_MAX];
	glob_t units = {0};
	bool there;

	snprintf(pattern, sizeof(pattern), "%s/sys/class/iommu/*", facts->source->root);
	there = glob(pattern, 0, NULL, &units) == 0;
	globfree(&units);
	if (host_read_choice(facts->source, "/sys/kernel/iommu_groups/0/type", type, sizeof(type)))
		type[0] = '\0';
	snprintf(finding->found, sizeof(finding->found), "%s%s%s", there ? "on" : "off",
	         type[0] ? ", " : "", !strcmp(type, "identity") ? "passthrough" : type);
	judge_all(finding, SNP, VERDICT_OK, "");
	if (refused || !there || !strcmp(type, "identity"))
		judge_all(finding, SNP, VERDICT_FAIL,
		          "SNP needs the IOMMU, and not in passthrough mode: enable it in the "
		          "BIOS, and "
		          "take amd_iommu=off and iommu=pt off the host's command line");
}

/* 1: the table's place is in finding->found; 0: there is none; -1: not to be told. */
static int find_rmp(struct requirement_facts *facts, struct finding *finding)
{
	const char *range = log_after(facts, "RMP table physical range ");
	uint64_t base, end;

	if (host_msr(facts->source, MSR_RMP_BASE, &base) == 0 &&
	    host_msr(facts->source, MSR_RMP_END, &end) == 0) {
		snprintf(finding->found, sizeof(finding->found), "%#llx to %#llx",
		         (unsigned long long)base, (unsigned long long)end);
		return base && end > base;
	}
	if (range) {
		snprintf(finding->found, sizeof(finding->found), "%.*s", (int)strcspn(range, "\n"),
		         range);
		return 1;
	}
	if (log_after(facts, "Memory for the RMP table has not been reserved by BIOS")) {
		found(finding, "not reserved");
		return 0;
	}
	found(finding, "no word of it");
	return -1;
}

static void check_rmp(struct requirement_facts *facts, struct finding *finding)
{
	int there = find_rmp(facts, finding);

	if (there)
		judge_all(finding, SNP, there > 0 ? VERDICT_OK : VERDICT_UNKNOWN, "");
	else
		judge_all(finding, SNP, VERDICT_FAIL,
		          "the BIOS reserved no memory for the RMP table: enable SNP memory (RMP "
		          "table) "
		          "coverage in the BIOS");
}

static const struct requirement rows[] = {
        {"processor", ALL, true, check_processor},
        {"CPUID 0x8000001F", ENCRYPTED, true, check_modes},
        {"BIOS", ENCRYPTED, false, check_bios},
        {"ASIDs", ENCRYPTED, true, check_asids},
        {"RMP table", SNP, false, check_rmp},
        {"IOMMU", SNP, false, check_iommu},
        {"SEV firmware", ENCRYPTED, false, check_firmware},
        {"Linux", ALL, false, check_linux},
        {"/dev/kvm", ALL, true, check_kvm},
        {"module kvm_amd", ENCRYPTED, true, check_parameters},
        {"/dev/sev", ENCRYPTED, true, check_device},
        {"types of guests", ENCRYPTED, true, check_types},
};

const struct requirement *requirement_rows(size_t *count)
{
	*count = sizeof(rows) / sizeof(rows[0]);
	return rows;
}
