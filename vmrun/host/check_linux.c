/* SPDX-License-Identifier: MIT */
#include "vmrun/host/check_linux.h"

#include <stdio.h>
#include <string.h>

#include "vmrun/host/need.h"

#define PARAMETERS "/sys/module/kvm_amd/parameters/"

static int read_parameter(const struct facts *facts, const struct need *need, char *value,
                          size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), PARAMETERS "%s", need->parameter);
	return host_read_choice(facts->source, path, value, size);
}

/* Has kvm_amd, where it is loaded, a switch for that mode? */
static bool is_known(const struct facts *facts, const struct need *need)
{
	char value[16];

	return read_parameter(facts, need, value, sizeof(value)) == 0;
}

void check_linux_release(struct facts *facts, struct finding *finding)
{
	char release[HOST_RELEASE];
	unsigned major = 0, minor = 0;

	host_release(facts->source, release);
	finding_say(finding, "%s", release);
	finding_judge(finding, PLATFORM_NOSEV, VERDICT_OK, "%s", "");
	if (sscanf(release, "%u.%u", &major, &minor) != 2) {
		finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_UNKNOWN, "");
		return;
	}
	for (int p = PLATFORM_SEV; p < PLATFORM_LAUNCH_END; p++) {
		const struct need *n = need_of((enum platform)p);

		finding_judge(finding, (enum platform)p, VERDICT_OK, "%s", "");
		if (major > n->major || (major == n->major && minor >= n->minor))
			continue;
		finding_judge(finding, (enum platform)p, VERDICT_WARN,
		              "Linux %u.%u is older than %u.%u, the first that can host %s, "
		              "unless it is AMD's fork",
		              major, minor, n->major, n->minor, n->title);
		/* The row of kvm_amd says it then, and for certain. */
		if (is_known(facts, need_of(PLATFORM_SEV)) && !is_known(facts, n))
			finding_judge(finding, (enum platform)p, VERDICT_WARN, "%s", "");
	}
}

/*
 * SNP_INIT succeeds only where SNP is enabled on every thread that the BIOS left on (Linux,
 * "x86/sev: Disable CPU hotplug while SNP is active", 2026), and Linux enables it on those that are
 * online: with nosmt=force the firmware answers 0x3 (github.com/AMDESE/AMDSEV/issues/154).
 */
void check_linux_cpus(struct facts *facts, struct finding *finding)
{
	static const char remedy[] = "bring them online before ccp and kvm_amd are loaded, or "
	                             "switch SMT off in the BIOS, "
	                             "not by Linux (nosmt, maxcpus)";
	char present[64], online[64];

	if (host_read_choice(facts->source, "/sys/devices/system/cpu/present", present,
	                     sizeof(present)) ||
	    host_read_choice(facts->source, "/sys/devices/system/cpu/online", online,
	                     sizeof(online))) {
		finding_say(finding, "Linux does not list them");
		finding_judge(finding, PLATFORM_SNP, VERDICT_UNKNOWN, "%s", "");
		return;
	}
	finding_say(finding, "%s online", online);
	if (!strcmp(present, online)) {
		finding_judge(finding, PLATFORM_SNP, VERDICT_OK, "%s", "");
		return;
	}
	finding_say(finding, "%s online, of %s", online, present);
	finding_judge(
	        finding, PLATFORM_SNP,
	        facts_log_after(facts, "SEV-SNP: failed to INIT") ? VERDICT_FAIL : VERDICT_WARN,
	        "CPUs are offline (%s of %s are online), and the SEV firmware starts SNP only "
	        "where it is enabled on all: %s",
	        online, present, remedy);
}

/* One that lacks CONFIG_KVM_AMD_SEV: Debian's 6.1, 6.12 and 7.3 do. */
static bool is_cloud(const struct facts *facts)
{
	char release[HOST_RELEASE];

	host_release(facts->source, release);
	return strstr(release, "-cloud-amd64") != NULL;
}

static void check_parameter(struct facts *facts, struct finding *finding, enum platform platform)
{
	const struct need *need = need_of(platform);
	const struct need *sev = need_of(PLATFORM_SEV);
	size_t at = strlen(finding->found);
	char value[16] = "absent";
	int rc = read_parameter(facts, need, value, sizeof(value));

	finding->follows[platform] = !rc;
	snprintf(finding->found + at, sizeof(finding->found) - at, "%s%s=%s", at ? ", " : "",
	         need->parameter, value);
	if (!rc && (!strcmp(value, "Y") || !strcmp(value, "1")))
		finding_judge(finding, platform, VERDICT_OK, "%s", "");
	else if (!rc)
		finding_judge(finding, platform, VERDICT_FAIL,
		              "KVM has %s switched off (" PARAMETERS "%s is %s): enable %s in the "
		              "BIOS, load kvm_amd with %s=1, and see 'dmesg | grep -i -e sev -e "
		              "rmp'",
		              need->title, need->parameter, value, need->bios, need->parameter);
	else if (is_known(facts, sev))
		finding_judge(finding, platform, VERDICT_FAIL,
		              "this Linux knows no %s (no " PARAMETERS "%s): it needs Linux %u.%u "
		              "or later",
		              need->title, need->parameter, need->major, need->minor);
	else if (is_cloud(facts))
		finding_judge(finding, platform, VERDICT_FAIL,
		              "Debian's cloud kernel is built without SEV for guests of its own "
		              "(no " PARAMETERS "%s): install linux-image-amd64, and start it",
		              sev->parameter);
	else
		finding_judge(
		        finding, platform, VERDICT_FAIL,
		        "the module kvm_amd is not loaded, or was built without SEV (no " PARAMETERS
		        "%s); try 'modprobe kvm_amd'",
		        sev->parameter);
}

void check_linux_parameters(struct facts *facts, struct finding *finding)
{
	for (int p = PLATFORM_SEV; p < PLATFORM_LAUNCH_END; p++)
		check_parameter(facts, finding, (enum platform)p);
}

/*
 * Linux before 6.8 does not say which types of guests it can make, and 6.8 and 6.9 have no bits for
 * SEV and SEV-ES, which they make all the same (arch/x86/include/uapi/asm/kvm.h).
 */
void check_linux_types(struct facts *facts, struct finding *finding)
{
	const struct kvmprobe *kvm = facts_kvm(facts);

	finding_say(finding, "%#x", (unsigned)kvm->vm_types);
	if (!kvm->vm_types)
		finding_say(finding, "KVM does not say");
	for (int p = PLATFORM_SEV; p < PLATFORM_LAUNCH_END; p++) {
		const struct need *need = need_of((enum platform)p);

		finding->follows[p] = true;
		if (kvm->vm_types >> need->vm_type & 1)
			finding_judge(finding, (enum platform)p, VERDICT_OK, "%s", "");
		else if (!kvm->vm_types || !facts_linux_from(facts, 6, need->types_minor))
			finding_judge(finding, (enum platform)p, VERDICT_UNKNOWN, "%s", "");
		else
			finding_judge(finding, (enum platform)p, VERDICT_FAIL,
			              "KVM cannot make guests of the type %s (KVM_CAP_VM_TYPES is "
			              "%#x): see the rows before this one",
			              need->title, (unsigned)kvm->vm_types);
	}
}
