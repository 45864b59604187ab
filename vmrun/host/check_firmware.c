/* SPDX-License-Identifier: MIT */
#include "vmrun/host/check_firmware.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/sev_status.h"
#include "vmrun/host/check_bios.h"

/* The SEV firmware that Linux wants for SNP (drivers/crypto/ccp/sev-dev.c). */
#define SNP_API_MAJOR 1
#define SNP_API_MINOR 51

/* SEV-ES wants 0.17 build 22 (github.com/AMDESE/AMDSEV, issue 41). */
#define ES_API_MINOR 17
#define ES_BUILD     22

static void judge_version(unsigned major, unsigned minor, unsigned build, struct finding *finding)
{
	finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_OK, "");
	if (major == 0 && (minor < ES_API_MINOR || (minor == ES_API_MINOR && build < ES_BUILD)))
		finding_judge(finding, PLATFORM_SEV_ES, VERDICT_FAIL,
		              "the SEV firmware is too old for SEV-ES, which needs API 0.17 build "
		              "22: update the BIOS, or /lib/firmware/amd (linux-firmware)");
	if (major < SNP_API_MAJOR || (major == SNP_API_MAJOR && minor < SNP_API_MINOR))
		finding_judge_all(finding, FINDING_SNP, VERDICT_FAIL,
		                  "the SEV firmware is too old for SNP, which needs API 1.51: "
		                  "update the BIOS, or /lib/firmware/amd (linux-firmware)");
}

/* In words, with what helps. */
static void judge_failure(unsigned modes, const char *what, unsigned status,
                          struct finding *finding)
{
	const char *text = sev_status_text(status);
	char reason[400];

	if (status == FACTS_ENCRYPTION_OFF && modes & 1U << PLATFORM_SEV) {
		finding_judge_all(finding, modes, VERDICT_FAIL, check_bios_off);
		return;
	}
	snprintf(reason, sizeof(reason),
	         "Linux could not initialise %s (error %#x: %s): update the BIOS%s, and see 'dmesg "
	         "| grep -i -e ccp -e sev'",
	         what, status, text ? text : "not known here",
	         status == 1 ? ", whose boot loader is older than the firmware file"
	                     : ", or /lib/firmware/amd (linux-firmware)");
	finding_judge_all(finding, modes, VERDICT_FAIL, reason);
}

static void judge_sev_failure(struct facts *facts, struct finding *finding)
{
	unsigned status;

	if (facts_log_failure(facts, &status))
		judge_failure(FINDING_ENCRYPTED, "the SEV firmware", status, finding);
}

/* What Linux 6.11, and 7.3, say of SNP (drivers/crypto/ccp/sev-dev.c). False: nothing. */
static bool find_snp_status(struct facts *facts, unsigned *status)
{
	static const char *const marks[] = {"SEV-SNP: failed to INIT ", "SEV-SNP: SNP_INIT failed ",
	                                    "SEV-SNP: SNP_INIT_EX failed "};
	int rc;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *text = facts_log_after(facts, marks[i]);

		if (text && sscanf(text, "rc %d, error %x", &rc, status) == 2)
			return true;
	}
	return false;
}

/* False: Linux's log names no reason for which SNP could not be set up. */
static bool judge_snp_failure(struct facts *facts, struct finding *finding)
{
	unsigned status;

	finding->follows[PLATFORM_SNP] = true;
	if (find_snp_status(facts, &status))
		judge_failure(FINDING_SNP, "SNP", status, finding);
	else if (facts_log_after(facts, "SNP init failed: not all CPUs online"))
		finding_judge_all(finding, FINDING_SNP, VERDICT_FAIL,
		                  "this Linux sets SNP up only while every CPU is online: switch "
		                  "all on (/sys/devices/system/cpu/cpu*/online, and SMT: no nosmt "
		                  "at boot), and load kvm_amd again");
	else
		return false;
	return true;
}

/* What may be asked only of the device's node, Linux says of it when it starts: the version. */
static void read_version_from_log(struct facts *facts, int rc, struct finding *finding)
{
	const char *text = facts_log_after(facts, "SEV-SNP API:");
	unsigned major, minor, build;

	if (!text)
		text = facts_log_after(facts, "SEV API:");
	if (!text || sscanf(text, "%u.%u build:%u", &major, &minor, &build) != 3) {
		finding_say(finding, "%s, and Linux's log does not name it",
		            rc == -ENOENT ? "no /dev/sev" : strerror(-rc));
		finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_UNKNOWN, "");
		return;
	}
	finding_say(finding, "API %u.%u build %u by Linux's log", major, minor, build);
	judge_version(major, minor, build, finding);
	judge_sev_failure(facts, finding);
}

/* QEMU asks for the status too, and refuses SEV-ES where it is not on (target/i386/sev.c). */
static void judge_es(const struct sevfirmware *sev, struct finding *finding)
{
	if (sev->flags & SEVFIRMWARE_ES)
		return;
	if (sev->state == SEVFIRMWARE_UNINIT)
		finding_judge(finding, PLATFORM_SEV_ES, VERDICT_WARN,
		              "the SEV firmware is not initialised yet, and a QEMU that asks "
		              "before Linux has done it takes SEV-ES for missing: load kvm_amd, "
		              "which has it done under newer Linux, or ccp with "
		              "psp_init_on_probe=1");
	else
		finding_judge(finding, PLATFORM_SEV_ES, VERDICT_FAIL,
		              "the SEV firmware was initialised without SEV-ES: see 'dmesg | "
		              "grep TMR', the memory that Linux sets aside for it when ccp is "
		              "loaded, which is best done at boot");
}

static const char reason_full[] =
        "as many encrypted guests run as there are ASIDs for them: end one, or change the SEV-ES "
        "ASID Space Limit in the BIOS";

void check_firmware_sev(struct facts *facts, struct finding *finding)
{
	uint32_t asids = facts_asids_sev(facts) + facts_asids_es(facts);
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
		finding_say(finding, "does not answer: %s", strerror(-rc));
		finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_FAIL,
		                  "the SEV firmware behind /dev/sev does not say its status: see "
		                  "'dmesg | grep -i ccp', and update the BIOS");
		return;
	}
	finding_say(finding, "API %u.%u build %u, %s, SEV-ES %s, owned %s, guests: %u", sev.major,
	            sev.minor, sev.build, sevfirmware_state_text(sev.state),
	            sev.flags & SEVFIRMWARE_ES ? "on" : "off",
	            sev.flags & SEVFIRMWARE_OWNED ? "from outside" : "by itself", sev.guests);
	judge_version(sev.major, sev.minor, sev.build, finding);
	judge_es(&sev, finding);
	if (sev.state == SEVFIRMWARE_UNINIT)
		judge_sev_failure(facts, finding);
	if (asids && sev.guests >= asids)
		finding_judge_all(finding, FINDING_ENCRYPTED, VERDICT_FAIL, reason_full);
}

/* The first build of API 1.55 that makes the check (github.com/virtee/snphost, issue 108); 0: not
 * known of this processor. */
static unsigned alias_build(const struct facts *facts)
{
	uint32_t regs[4];
	unsigned family, model;

	if (!cpu_id_at(facts->source->cpu, 1, 0, regs))
		return 0;
	family = (regs[CPU_EAX] >> 8 & 0xf) + (regs[CPU_EAX] >> 20 & 0xff);
	model = (regs[CPU_EAX] >> 4 & 0xf) | (regs[CPU_EAX] >> 12 & 0xf0);
	if (family != 0x19)
		return 0;
	return model <= 0x0f ? 22 : model <= 0x1f || (model >= 0xa0 && model <= 0xaf) ? 38 : 0;
}

/* Whether two addresses may be one cell of memory, as modules that lie of their size make them. */
static const char *alias_text(const struct facts *facts, const struct sevfirmware_snp *snp,
                              char text[64])
{
	unsigned from = alias_build(facts);

	if (snp->alias)
		return "alias check done";
	if (!from || snp->major != 1 || snp->minor > 55 || (snp->minor == 55 && snp->build >= from))
		return "no alias check";
	snprintf(text, 64, "no alias check (from 1.55.%u)", from);
	return text;
}

/* SNP has a state and guests of its own, of which Linux before 6.10 does not tell. */
void check_firmware_snp(struct facts *facts, struct finding *finding)
{
	uint32_t asids = facts_asids_es(facts);
	struct sevfirmware_answer answer;
	struct sevfirmware_snp snp;
	char text[64];

	host_firmware(facts->source, &answer);
	if (sevfirmware_snp(&answer, &snp)) {
		finding_say(finding, "%s",
		            answer.sev_rc ? "cannot be asked without /dev/sev"
		                          : "off, or Linux cannot tell");
		finding_judge(finding, PLATFORM_SNP, VERDICT_UNKNOWN, "%s", "");
		judge_snp_failure(facts, finding);
		return;
	}
	finding_say(finding, "%s, RMP table %s, guests: %u, %s", sevfirmware_state_text(snp.state),
	            snp.rmp ? "ready" : "not ready", snp.guests, alias_text(facts, &snp, text));
	finding_judge(finding, PLATFORM_SNP, VERDICT_OK, "%s", "");
	if ((snp.state != SEVFIRMWARE_INIT || !snp.rmp) && judge_snp_failure(facts, finding))
		return;
	if (snp.state != SEVFIRMWARE_INIT || !snp.rmp)
		finding_judge(finding, PLATFORM_SNP, VERDICT_WARN,
		              "the firmware has not set SNP up yet: Linux has it done when "
		              "kvm_amd is loaded or the first guest starts; where that fails, "
		              "see 'dmesg | grep -i -e snp -e ccp'");
	else if (asids && snp.guests >= asids)
		finding_judge(finding, PLATFORM_SNP, VERDICT_FAIL, "%s", reason_full);
}
