/* SPDX-License-Identifier: MIT */
/* The rows about the nodes of /dev, and about the SEV firmware behind one of them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmrun/host/requirement_check.h"

/* The SEV firmware that Linux wants for SNP (drivers/crypto/ccp/sev-dev.c). */
#define SNP_API_MAJOR 1
#define SNP_API_MINOR 51

static void describe(const struct host_device *device, struct finding *finding)
{
	if (device->rc == -ENOENT)
		requirement_found(finding, "not there");
	else
		requirement_found(finding, "%s:%s %04o, %s", device->owner, device->group,
		                  device->mode, device->rc ? strerror(-device->rc) : "usable");
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
	requirement_judge_all(finding, modes, VERDICT_FAIL, reason);
}

void requirement_check_kvm(struct requirement_facts *facts, struct finding *finding)
{
	const struct kvmprobe *kvm = requirement_kvm(facts);
	struct host_device device;
	char node[sizeof(finding->found)];

	host_device(facts->source, "/dev/kvm", &device);
	describe(&device, finding);
	snprintf(node, sizeof(node), "%s", finding->found);
	if (kvm->works)
		requirement_found(finding, "%s, runs guest code", node);
	else if (kvm->speed > 0)
		requirement_found(finding, "%s, %.1f M instructions/s", node, kvm->speed / 1e6);
	requirement_judge_all(finding, REQUIREMENT_ALL, kvm->works ? VERDICT_OK : VERDICT_FAIL,
	                      kvm->works ? "" : kvm->reason);
	if (device.rc == -EACCES)
		judge_refusal(&device, REQUIREMENT_ALL, finding);
}

void requirement_check_sev(struct requirement_facts *facts, struct finding *finding)
{
	struct host_device device;
	int rc = host_device(facts->source, "/dev/sev", &device);

	describe(&device, finding);
	if (!rc)
		requirement_judge_all(finding, REQUIREMENT_ENCRYPTED, VERDICT_OK, "");
	else if (rc == -ENOENT)
		requirement_judge_all(finding, REQUIREMENT_ENCRYPTED, VERDICT_FAIL,
		                      "no /dev/sev: the module ccp did not find the SEV firmware; "
		                      "see 'dmesg | grep -i ccp'");
	else
		judge_refusal(&device, REQUIREMENT_ENCRYPTED, finding);
}

static void judge_version(unsigned major, unsigned minor, struct finding *finding)
{
	requirement_judge_all(finding, REQUIREMENT_ENCRYPTED, VERDICT_OK, "");
	if (major < SNP_API_MAJOR || (major == SNP_API_MAJOR && minor < SNP_API_MINOR))
		requirement_judge_all(finding, REQUIREMENT_SNP, VERDICT_FAIL,
		                      "the SEV firmware is too old for SNP, which needs API 1.51: "
		                      "update the BIOS, or /lib/firmware/amd (linux-firmware)");
}

/* What may be asked only of the device's node, Linux says of it when it starts: the version. */
static void read_version_from_log(struct requirement_facts *facts, int rc, struct finding *finding)
{
	const char *text = requirement_log_after(facts, "SEV-SNP API:");
	unsigned major, minor, build;

	if (!text)
		text = requirement_log_after(facts, "SEV API:");
	if (!text || sscanf(text, "%u.%u build:%u", &major, &minor, &build) != 3) {
		requirement_found(finding, "%s, and no word in Linux's log",
		                  rc == -ENOENT ? "no /dev/sev" : strerror(-rc));
		requirement_judge_all(finding, REQUIREMENT_ENCRYPTED, VERDICT_UNKNOWN, "");
		return;
	}
	requirement_found(finding, "API %u.%u build %u by Linux's log", major, minor, build);
	judge_version(major, minor, finding);
}

/* QEMU asks for the status too, and refuses SEV-ES where it is not on (target/i386/sev.c). */
static void judge_es(const struct sevfirmware *sev, struct finding *finding)
{
	if (sev->flags & SEVFIRMWARE_ES)
		return;
	if (sev->state == SEVFIRMWARE_UNINIT)
		requirement_judge(
		        finding, PLATFORM_SEV_ES, VERDICT_WARN,
		        "the SEV firmware is not initialised yet, and a QEMU that asks "
		        "before Linux has done it takes SEV-ES for missing: load ccp with "
		        "psp_init_on_probe=1");
	else
		requirement_judge(finding, PLATFORM_SEV_ES, VERDICT_FAIL,
		                  "the SEV firmware was initialised without SEV-ES: see 'dmesg | "
		                  "grep TMR', the memory that Linux sets aside for it when ccp is "
		                  "loaded, which is best done at boot");
}

static const char reason_full[] =
        "as many encrypted guests run as there are ASIDs for them: end one, or change the SEV-ES "
        "ASID Space Limit in the BIOS";

void requirement_check_firmware(struct requirement_facts *facts, struct finding *finding)
{
	uint32_t asids = requirement_asids_sev(facts) + requirement_asids_es(facts);
	struct sevfirmware_answer answer;
	struct sevfirmware sev;
	int rc;

	host_firmware(facts->source, &answer);
	rc = sevfirmware_sev(&answer, &sev);
	if (rc == -ENOENT || rc == -EACCES || rc == -EPERM) {
		read_version_from_log(facts, rc, finding);
		return;
	}
	if (rc) {
		requirement_found(finding, "does not answer: %s", strerror(-rc));
		requirement_judge_all(
		        finding, REQUIREMENT_ENCRYPTED, VERDICT_FAIL,
		        "the SEV firmware behind /dev/sev does not say its status: see "
		        "'dmesg | grep -i ccp', and update the BIOS");
		return;
	}
	requirement_found(finding, "API %u.%u build %u, %s, SEV-ES %s, owned %s, guests: %u",
	                  sev.major, sev.minor, sev.build, sevfirmware_state_text(sev.state),
	                  sev.flags & SEVFIRMWARE_ES ? "on" : "off",
	                  sev.flags & SEVFIRMWARE_OWNED ? "from outside" : "by itself", sev.guests);
	judge_version(sev.major, sev.minor, finding);
	judge_es(&sev, finding);
	if (asids && sev.guests >= asids)
		requirement_judge_all(finding, REQUIREMENT_ENCRYPTED, VERDICT_FAIL, reason_full);
}

/* SNP has a state and guests of its own, of which Linux before 6.10 does not tell. */
void requirement_check_snp(struct requirement_facts *facts, struct finding *finding)
{
	uint32_t asids = requirement_asids_es(facts);
	struct sevfirmware_answer answer;
	struct sevfirmware_snp snp;

	host_firmware(facts->source, &answer);
	if (sevfirmware_snp(&answer, &snp)) {
		requirement_found(finding, "%s",
		                  answer.sev_rc ? "not to be told" : "off, or Linux cannot tell");
		requirement_judge(finding, PLATFORM_SNP, VERDICT_UNKNOWN, "%s", "");
		return;
	}
	requirement_found(finding, "%s, RMP table %s, guests: %u",
	                  sevfirmware_state_text(snp.state), snp.rmp ? "ready" : "not ready",
	                  snp.guests);
	requirement_judge(finding, PLATFORM_SNP, VERDICT_OK, "%s", "");
	if (snp.state != SEVFIRMWARE_INIT || !snp.rmp)
		requirement_judge(finding, PLATFORM_SNP, VERDICT_WARN,
		                  "the firmware has not set SNP up yet: Linux has it done when "
		                  "kvm_amd is loaded or the first guest starts; where that fails, "
		                  "see 'dmesg | grep -i -e snp -e ccp'");
	else if (asids && snp.guests >= asids)
		requirement_judge(finding, PLATFORM_SNP, VERDICT_FAIL, "%s", reason_full);
}
