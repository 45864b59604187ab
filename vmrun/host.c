/* SPDX-License-Identifier: MIT */
#include "vmrun/host.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct host_source host_here = {.root = "", .cpu = &cpu_here};

#define LEAF_SEV 0x8000001fU /* AMD64 APM volume 3, appendix E.4.17 */

/* What each mode needs of the processor and of Linux. */
static const struct need {
	const char *title;     /* as AMD writes it */
	const char *parameter; /* of the module kvm_amd */
	const char *since;     /* first Linux that can host it */
	const char *bios;      /* what to switch on in the BIOS */
	unsigned bit;          /* of CPUID 0x8000001F EAX */
	unsigned vm_type;      /* bit of KVM_CAP_VM_TYPES */
} needs[PLATFORM_COUNT] = {
        [PLATFORM_SEV] = {"SEV", "sev", "4.16", "SMEE", 1, 2},
        [PLATFORM_SEV_ES] = {"SEV-ES", "sev_es", "5.11",
                             "SMEE and an ASID limit for SEV-ES above 1", 3, 3},
        [PLATFORM_SNP] = {"SEV-SNP", "sev_snp", "6.11",
                          "SMEE, SEV-SNP and its memory coverage (RMP)", 4, 4},
};

int host_read_choice(const struct host_source *source, const char *path, char *text, size_t size)
{
	char full[PATH_MAX], line[256];
	const char *from, *to;
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", source->root, path);
	file = fopen(full, "re");
	if (!file)
		return -errno;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	from = strchr(line, '[');
	from = from ? from + 1 : line;
	to = from + strcspn(from, "]\n");
	snprintf(text, size, "%.*s", (int)(to - from), from);
	return 0;
}

unsigned host_cbit(const struct host_source *source)
{
	uint32_t regs[4];

	if (!cpu_id_at(source->cpu, LEAF_SEV, 0, regs) || !(regs[CPU_EBX] & 0x3f))
		return HOST_DEFAULT_CBIT;
	return regs[CPU_EBX] & 0x3f;
}

int host_kvm(const struct host_source *source, struct kvmprobe *probe, struct err *e)
{
	struct kvmprobe own;

	if (!probe)
		probe = &own;
	if (!source->kvm)
		return kvmprobe_run("/dev/kvm", probe, e);
	*probe = *source->kvm;
	return probe->works ? 0 : err_set(e, ENOTSUP, "%s", probe->reason);
}

static int check_cpu(const struct host_source *source, const struct need *need, struct err *e)
{
	char vendor[CPU_SIGNATURE] = "";
	uint32_t regs[4];

	if (cpu_id_at(source->cpu, 0, 0, regs)) {
		memcpy(vendor, &regs[CPU_EBX], 4);
		memcpy(vendor + 4, &regs[CPU_EDX], 4);
		memcpy(vendor + 8, &regs[CPU_ECX], 4);
	}
	if (strcmp(vendor, "AuthenticAMD") != 0)
		return err_set(e, ENOTSUP,
		               "the processor is no AMD EPYC (CPUID says '%s'), and only "
		               "those have %s",
		               vendor, need->title);
	if (!cpu_id_at(source->cpu, LEAF_SEV, 0, regs) || !(regs[CPU_EAX] >> need->bit & 1))
		return err_set(e, ENOTSUP,
		               "the processor does not offer %s (CPUID 0x8000001F EAX bit %u is 0)",
		               need->title, need->bit);
	return 0;
}

/* A module that was loaded without the mode, or before it existed, shows it in its parameters. */
static int check_linux(const struct host_source *source, const struct need *need, struct err *e)
{
	char path[128], value[16];
	int rc;

	snprintf(path, sizeof(path), "/sys/module/kvm_amd/parameters/%s", need->parameter);
	rc = host_read_choice(source, path, value, sizeof(value));
	if (rc && host_read_choice(source, "/sys/module/kvm_amd/parameters/sev", value,
	                           sizeof(value)) == 0)
		return err_set(e, ENOTSUP,
		               "this Linux knows no %s (no %s): it needs Linux %s or later",
		               need->title, path, need->since);
	if (rc)
		return err_set(e, ENOTSUP,
		               "the module kvm_amd is not loaded, or was built without SEV "
		               "(no %s); try 'modprobe kvm_amd'",
		               path);
	if (strcmp(value, "Y") != 0 && strcmp(value, "1") != 0)
		return err_set(
		        e, ENOTSUP,
		        "KVM has %s switched off (%s is %s): enable %s in the BIOS, load kvm_amd "
		        "with %s=1, and see 'dmesg | grep -i -e sev -e rmp'",
		        need->title, path, value, need->bios, need->parameter);
	return 0;
}

static int check_device(const struct host_source *source, struct err *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/dev/sev", source->root);
	if (access(path, R_OK | W_OK) == 0)
		return 0;
	if (errno == ENOENT)
		return err_set(e, ENOTSUP,
		               "no /dev/sev: the module ccp did not find the SEV firmware; "
		               "see 'dmesg | grep -i ccp'");
	return err_set(e, ENOTSUP,
	               "/dev/sev cannot be opened: %s; become root, or give yourself access",
	               strerror(errno));
}

int host_can(const struct host_source *source, enum platform platform, struct err *e)
{
	const struct need *need = &needs[platform];
	struct kvmprobe probe;
	int rc;

	if (!need->title)
		return host_kvm(source, NULL, e);
	rc = check_cpu(source, need, e);
	if (!rc)
		rc = host_kvm(source, &probe, e);
	if (!rc)
		rc = check_linux(source, need, e);
	if (!rc)
		rc = check_device(source, e);
	/* Linux before 6.8 does not say which types it can make. */
	if (!rc && probe.vm_types && !(probe.vm_types >> need->vm_type & 1))
		rc = err_set(e, ENOTSUP,
		             "KVM cannot make guests of the type %s (KVM_CAP_VM_TYPES is %#x)",
		             need->title, (unsigned)probe.vm_types);
	return rc;
}
