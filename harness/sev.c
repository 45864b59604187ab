/* SPDX-License-Identifier: MIT */
#include "harness/sev.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/cpu.h"
#include "harness/msr.h"

/* Beyond the last leaf an emulated processor answers with another one:
 * findings/emulated-sev-leaf.sh. */
#define LEAF_ENCRYPTION 0x8000001fU
#define LEAF_SEV        (1U << 1) /* EAX */
#define LEAF_TDX        0x21U

static const char *const platform_names[PLATFORM_COUNT] = {
        [PLATFORM_NATIVE] = "native", [PLATFORM_NOSEV] = "nosev",
        [PLATFORM_SEV] = "sev",       [PLATFORM_SEV_ES] = "sev-es",
        [PLATFORM_SNP] = "snp",       [PLATFORM_SNP_VTOM] = "snp-vtom",
        [PLATFORM_TDX] = "tdx",       [PLATFORM_UNKNOWN] = "unknown",
};

static const char *const accel_names[ACCEL_COUNT] = {
        [ACCEL_NONE] = "none",
        [ACCEL_KVM] = "kvm",
        [ACCEL_TCG] = "tcg",
        [ACCEL_UNKNOWN] = "unknown",
};

const char *platform_name(enum platform platform)
{
	return platform_names[platform];
}

int platform_parse(const char *text, enum platform *platform, struct err *e)
{
	for (int i = 0; i < PLATFORM_COUNT; i++) {
		if (strcmp(text, platform_names[i]) == 0) {
			*platform = (enum platform)i;
			return 0;
		}
	}
	return err_set(e, EINVAL,
	               "unknown platform '%s': use native, nosev, sev, sev-es or snp; for guests "
	               "that others launch, snp-vtom, tdx or unknown",
	               text);
}

bool platform_launched(enum platform platform)
{
	return platform >= PLATFORM_NOSEV && platform < (enum platform)PLATFORM_LAUNCH_END;
}

const char *platform_about(enum platform platform)
{
	static const char *const texts[PLATFORM_COUNT] = {
	        [PLATFORM_SNP_VTOM] = "a guest with SEV-SNP below a paravisor, as on Azure: the "
	                              "paravisor takes its "
	                              "#VC and answers CPUID, its memory is private by address and "
	                              "not by a C-bit, "
	                              "and where its world switches go is not known here",
	        [PLATFORM_TDX] =
	                "a guest with Intel's TDX, which is no SEV: where its world switches "
	                "go is not known here",
	        [PLATFORM_UNKNOWN] = "a guest of which nothing told whether, and how, it is "
	                             "encrypted: it cannot stand for a plain one",
	};

	return texts[platform];
}

const char *accel_name(enum accel accel)
{
	return accel_names[accel];
}

int accel_parse(const char *text, enum accel *accel, struct err *e)
{
	for (int i = 0; i < ACCEL_COUNT; i++) {
		if (strcmp(text, accel_names[i]) == 0) {
			*accel = (enum accel)i;
			return 0;
		}
	}
	return err_set(e, EINVAL, "unknown accelerator '%s': use none, kvm, tcg or unknown", text);
}

static enum accel accel_of(const char *signature)
{
	if (strcmp(signature, "KVMKVMKVM") == 0)
		return ACCEL_KVM;
	if (strcmp(signature, "TCGTCGTCGTCG") == 0)
		return ACCEL_TCG;
	return ACCEL_UNKNOWN;
}

static enum platform platform_of_status(uint64_t status)
{
	if (status & SEV_STATUS_SNP)
		return status & SEV_STATUS_VTOM ? PLATFORM_SNP_VTOM : PLATFORM_SNP;
	if (status & SEV_STATUS_ES)
		return PLATFORM_SEV_ES;
	if (status & SEV_STATUS_SEV)
		return PLATFORM_SEV;
	return PLATFORM_NOSEV;
}

/*
 * The platform in one record of /dev/kmsg ("6,339,5140900,-;Memory Encryption Features active: AMD
 * SEV SEV-ES"), or PLATFORM_NATIVE. Linux before 5.19 wrote "AMD Memory Encryption Features active:
 * SEV".
 */
static enum platform platform_of_record(const char *record)
{
	static const char mark[] = "Memory Encryption Features active:";
	const char *words;
	char *end;
	unsigned long priority = strtoul(record, &end, 10);

	/* Facility 0 (priorities 0 to 7) is Linux itself; a process cannot write under it. */
	if (end == record || *end != ',' || priority > 7)
		return PLATFORM_NATIVE;
	words = strstr(end, mark);
	if (!words)
		return PLATFORM_NATIVE;
	words += sizeof(mark) - 1;
	if (strstr(words, " SEV-SNP"))
		return PLATFORM_SNP;
	if (strstr(words, " SEV-ES"))
		return PLATFORM_SEV_ES;
	if (strstr(words, " TDX"))
		return PLATFORM_TDX;
	return strstr(words, " SEV") ? PLATFORM_SEV : PLATFORM_NATIVE;
}

/* The platform that Linux's log names, or PLATFORM_NATIVE where it names none. */
static enum platform read_log(const char *root)
{
	enum platform found = PLATFORM_NATIVE;
	char record[8192]; /* the largest that /dev/kmsg delivers (CONSOLE_EXT_LOG_MAX) */
	char path[PATH_MAX];
	FILE *log;
	int fd;

	snprintf(path, sizeof(path), "%s/dev/kmsg", root);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return found;
	log = fdopen(fd, "r");
	if (!log) {
		close(fd);
		return found;
	}
	while (found == PLATFORM_NATIVE) {
		errno = 0;
		if (fgets(record, sizeof(record), log))
			found = platform_of_record(record);
		else if (errno ==
		         EPIPE) /* the record was overwritten meanwhile: the next follows */
			clearerr(log);
		else
			break;
	}
	fclose(log);
	return found;
}

static void say(struct sev_observation *o, enum platform platform, const char *how)
{
	o->platform = platform;
	snprintf(o->how, sizeof(o->how), "%s", how);
}

/* "IntelTDX    " in leaf 0x21: Intel, TDX Module Base Architecture Specification, CPUID. */
static bool is_tdx(const struct cpu_source *cpu)
{
	uint32_t regs[4];

	return cpu_id_at(cpu, LEAF_TDX, 0, regs) && !memcmp(&regs[CPU_EBX], "Inte", 4) &&
	       !memcmp(&regs[CPU_EDX], "lTDX", 4) && !memcmp(&regs[CPU_ECX], "    ", 4);
}

/*
 * What Hyper-V isolates. A paravisor hides SEV in CPUID, and Linux below one works without a C-bit
 * (hv_vtom_init); without a paravisor Linux sees SEV as everywhere.
 */
static void decide_by_isolation(struct sev_observation *o)
{
	const struct hyperv_isolation *isolation = &o->isolation;
	const char *paravisor = isolation->paravisor ? ", below a paravisor" : "";

	if (isolation->type == HYPERV_ISOLATION_SNP) {
		o->platform =
		        isolation->paravisor || !o->cpuid_sev ? PLATFORM_SNP_VTOM : PLATFORM_SNP;
		snprintf(o->how, sizeof(o->how),
		         "Hyper-V isolates this guest by SNP%s (CPUID 0x%x)", paravisor,
		         HYPERV_LEAF_ISOLATION);
	} else if (isolation->type == HYPERV_ISOLATION_TDX) {
		o->platform = PLATFORM_TDX;
		snprintf(o->how, sizeof(o->how),
		         "Hyper-V isolates this guest by TDX%s (CPUID 0x%x)", paravisor,
		         HYPERV_LEAF_ISOLATION);
	} else if (isolation->type == HYPERV_ISOLATION_VBS) {
		o->platform = PLATFORM_UNKNOWN;
		snprintf(o->how, sizeof(o->how),
		         "Hyper-V isolates this guest by VBS%s (CPUID 0x%x), and does not say that "
		         "it encrypts",
		         paravisor, HYPERV_LEAF_ISOLATION);
	} else {
		o->platform = PLATFORM_UNKNOWN;
		snprintf(o->how, sizeof(o->how),
		         "Hyper-V isolates this guest by a type %u that is not known here%s (CPUID "
		         "0x%x)",
		         isolation->type, paravisor, HYPERV_LEAF_ISOLATION);
	}
}

/* Without a mode in SEV_STATUS. Returns false when CPUID says nothing of another encryption. */
static bool decide_by_cpuid(const struct cpu_source *cpu, struct sev_observation *o)
{
	if (is_tdx(cpu))
		say(o, PLATFORM_TDX, "CPUID 0x21 says IntelTDX");
	else if (o->isolated)
		decide_by_isolation(o);
	else
		return false;
	return true;
}

/* Without SEV_STATUS. Returns false when nothing tells the mode. */
static bool decide_by_linux(const char *root, struct sev_observation *o)
{
	enum platform logged;
	char path[PATH_MAX];

	/* Also without SEV in CPUID: a paravisor below Linux may hide it and still run SNP. */
	snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/sev", root);
	if (access(path, F_OK) == 0) {
		say(o, PLATFORM_SNP,
		    "/sys/devices/system/cpu/sev is there, which Linux makes under SNP only");
		return true;
	}
	logged = read_log(root);
	if (logged == PLATFORM_NATIVE && o->cpuid_sev)
		return false;
	if (logged == PLATFORM_NATIVE)
		say(o, PLATFORM_NOSEV, "CPUID says hypervisor, and no SEV, TDX or other isolation");
	else if (!o->cpuid_sev && logged != PLATFORM_TDX)
		say(o, PLATFORM_UNKNOWN,
		    "Linux's log says \"Memory Encryption Features active\", but CPUID says no "
		    "SEV");
	else
		say(o, logged, "Linux's log line \"Memory Encryption Features active\"");
	return true;
}

/* What CPUID and SEV_STATUS say. Returns why SEV_STATUS could not be read, 0 or -errno. */
static int look(const struct cpu_source *cpu, const char *root, struct sev_observation *o)
{
	int rc = 0;

	memset(o, 0, sizeof(*o));
	o->cpuid_sev = cpu_id_at(cpu, LEAF_ENCRYPTION, 0, o->cpuid_8000001f) &&
	               (o->cpuid_8000001f[CPU_EAX] & LEAF_SEV);
	if (o->cpuid_sev) {
		rc = msr_read(root, SEV_STATUS_MSR, &o->status);
		o->status_known = rc == 0;
	}
	o->isolated = hyperv_isolation_at(cpu, &o->isolation);
	if (cpu_has_at(cpu, CPU_HYPERVISOR)) {
		cpu_hypervisor_at(cpu, o->hypervisor);
		o->accel = accel_of(o->hypervisor);
	}
	return rc;
}

int sev_observe_at(const struct cpu_source *cpu, const char *root, struct sev_observation *o,
                   struct err *e)
{
	bool guest = cpu_has_at(cpu, CPU_HYPERVISOR);
	int rc = look(cpu, root, o);

	if (o->status_known && platform_of_status(o->status) != PLATFORM_NOSEV) {
		/* A guest, even one whose hypervisor hides. */
		if (!guest)
			o->accel = ACCEL_UNKNOWN;
		say(o, platform_of_status(o->status),
		    "CPUID says SEV, and SEV_STATUS says the mode");
		return 0;
	}
	if (!guest) {
		say(o, PLATFORM_NATIVE, "CPUID says no hypervisor");
		return 0;
	}
	if (decide_by_cpuid(cpu, o))
		return 0;
	if (o->status_known) {
		say(o, PLATFORM_NOSEV, "CPUID says SEV, but SEV_STATUS says that it is not active");
		return 0;
	}
	if (decide_by_linux(root, o))
		return 0;
	say(o, PLATFORM_UNKNOWN, "CPUID says SEV; which mode is active could not be told");
	return err_set(e, ENODATA,
	               "CPUID says SEV, but SEV_STATUS cannot be read from /dev/cpu/0/msr (%s) and "
	               "Linux's log does not name the mode: run as root after 'modprobe msr'",
	               strerror(-rc));
}

int sev_observe(struct sev_observation *o, struct err *e)
{
	return sev_observe_at(&cpu_here, "", o, e);
}

const struct sev_traits *sev_traits(enum platform platform)
{
	static const struct sev_traits traits[PLATFORM_COUNT] = {
	        [PLATFORM_NATIVE] = {.memory_plain = true,
	                             .user_mmio = true,
	                             .user_port_by_iopl = true},
	        [PLATFORM_NOSEV] = {.virtual_machine = true,
	                            .memory_plain = true,
	                            .user_mmio = true,
	                            .user_port_by_iopl = true},
	        [PLATFORM_SEV] = {.virtual_machine = true,
	                          .memory_encrypted = true,
	                          .sev = true,
	                          .user_mmio = true,
	                          .user_port_by_iopl = true},
	        [PLATFORM_SEV_ES] = {.virtual_machine = true,
	                             .memory_encrypted = true,
	                             .sev = true,
	                             .vc = true},
	        [PLATFORM_SNP] = {.virtual_machine = true,
	                          .memory_encrypted = true,
	                          .sev = true,
	                          .vc = true,
	                          .cpuid_page = true,
	                          .page_state_change = true},
	        [PLATFORM_SNP_VTOM] = {.virtual_machine = true,
	                               .memory_encrypted = true,
	                               .sev = true,
	                               .paravisor = true,
	                               .user_mmio = true,
	                               .user_port_by_iopl = true,
	                               .page_state_change = true},
	        [PLATFORM_TDX] = {.virtual_machine = true, .memory_encrypted = true},
	        [PLATFORM_UNKNOWN] = {.virtual_machine = true},
	};

	return &traits[platform];
}
