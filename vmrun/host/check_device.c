/* SPDX-License-Identifier: MIT */
#include "vmrun/host/check_device.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/cpu.h"
#include "vmrun/host/check_bios.h"

static void describe(const struct host_device *device, struct finding *finding)
{
	if (device->rc == -ENOENT)
		finding_say(finding, "not there");
	else
		finding_say(finding, "%s:%s %04o, %s", device->owner, device->group, device->mode,
		            device->rc ? strerror(-device->rc) : "usable");
}

/* Why this user may not open the node, and what would help. */
static void judge_refusal(const struct host_device *device, unsigned modes, struct finding *finding)
{
	char reason[400];

	if ((device->mode & 060) == 060 && strcmp(device->group, "root") != 0)
		snprintf(reason, sizeof(reason),
		         "%s is for the group %s, and this user is not in it: 'usermod -aG %s "
		         "USER' and log in again, or become root",
		         device->path, device->group, device->group);
	else
		snprintf(reason, sizeof(reason),
		         "%s is for its owner %s alone: become root, or open it to a group that "
		         "you are in, as in 'chgrp kvm %s; chmod 660 %s' (a udev rule makes it "
		         "last)",
		         device->path, device->owner, device->path, device->path);
	finding_judge_all(finding, modes, VERDICT_FAIL, reason);
}

/* In a virtual machine no module and no BIOS brings it. */
static void judge_absence(const struct facts *facts, struct finding *finding)
{
	char hypervisor[CPU_SIGNATURE], reason[400];

	cpu_hypervisor_at(facts->source->cpu, hypervisor);
	if (!hypervisor[0])
		return;
	snprintf(
	        reason, sizeof(reason),
	        "this virtual machine (hypervisor '%s') has no /dev/kvm: where its host allows "
	        "nested virtualisation, load kvm_amd or kvm_intel; else take a bare-metal instance",
	        hypervisor);
	finding_judge_all(finding, FINDING_ALL, VERDICT_FAIL, reason);
}

void check_device_kvm(struct facts *facts, struct finding *finding)
{
	const struct kvmprobe *kvm = facts_kvm(facts);
	struct host_device device;
	char node[sizeof(finding->found)];

	host_device(facts->source, "/dev/kvm", &device);
	describe(&device, finding);
	snprintf(node, sizeof(node), "%s", finding->found);
	if (kvm->works)
		finding_say(finding, "%s, runs guest code", node);
	else if (kvm->speed > 0)
		finding_say(finding, "%s, %.1f M instructions/s", node, kvm->speed / 1e6);
	finding_judge_all(finding, FINDING_ALL, kvm->works ? VERDICT_OK : VERDICT_FAIL,
	                  kvm->works ? "" : kvm->reason);
	if (device.rc == -EACCES)
		judge_refusal(&device, FINDING_ALL, finding);
	else if (device.rc == -ENOENT && !kvm->works)
		judge_absence(facts, finding);
}

/* Without memory encryption there is no device: that is the cause, and this what follows. */
static bool is_off(struct facts *facts)
{
	struct finding bios = {0};

	check_bios_switches(facts, &bios);
	return !strcmp(bios.reason[PLATFORM_SEV], check_bios_off);
}

void check_device_sev(struct facts *facts, struct finding *finding)
{
	struct host_device device;
	int rc = host_device(facts->source, "/dev/sev", &device);

	describe(&device, finding);
	if (!rc)
		finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_OK, "");
	else if (rc == -ENOENT && is_off(facts))
		finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_FAIL, check_bios_off);
	else if (rc == -ENOENT)
		finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_FAIL,
		                  "no /dev/sev: the module ccp did not find the SEV firmware; "
		                  "see 'dmesg | grep -i ccp'");
	else
		judge_refusal(&device, FINDING_ENCRYPTED, finding);
}
