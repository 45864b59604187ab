/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/explain.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "harness/sev_status.h"

/*
 * What QEMU prints and what it means; the first that fits. Those on top come from hosts with SEV,
 * as users reported them (github.com/AMDESE/AMDSEV, issues 25, 215, 216 and 223; NVIDIA/nvtrust,
 * issue 91) or as QEMU's target/i386/sev.c and Linux' arch/x86/kvm/svm/sev.c have them; the rest
 * was tried on QEMU 7.2, 10.0 and 11.1.
 */
static const struct {
	const char *says;
	const char *means;
} rows[] = {
        {"SNP_LAUNCH_START ret=-25", "QEMU and the host's Linux speak different forms of SNP: take "
                                     "Linux from 6.11 with QEMU from 9.1, or AMD's forks of one "
                                     "date"},
        {"SNP_LAUNCH_START ret=-22", "the host's Linux refuses what QEMU asks of SNP: take Linux "
                                     "from 6.11 with QEMU from 9.1, or AMD's forks of one date"},
        {"'Platform state is invalid'", "the SEV firmware is not initialised: load kvm_amd again, "
                                        "and see 'dmesg | grep -i -e ccp -e sev'"},
        {"'Feature not supported'", "the SEV firmware does not support this kind of guest as the "
                                    "host is set up: see 'vmrun doctor', and update the BIOS"},
        {"failed to get platform status", "the SEV firmware does not answer: see 'dmesg | grep -i "
                                          "ccp', and update the BIOS"},
        {"host SEV-ES support unavailable", "the SEV firmware was initialised without SEV-ES: see "
                                            "'vmrun doctor'"},
        {"failed to initialize ret=-16", "no ASID is free: end another encrypted guest, or change "
                                         "the SEV-ES ASID Space Limit in the BIOS"},
        {"failed to initialize ret=-25",
         "the host's KVM has no SEV, or no ASID for this kind of guest: see 'vmrun doctor', and "
         "whether its Linux was built with KVM_AMD_SEV"},
        {"failed to initialize ret=-95", "the host's KVM has this kind of guest switched off: see "
                                         "'vmrun doctor'"},
        {"kernel does not support restricted guest memory",
         "the host's Linux has no guest_memfd, which SNP needs: take 6.11 or later"},
        {"'Policy is not allowed'", "the SEV firmware does not allow this guest's policy on this "
                                    "host: hardware threads, debugging and the firmware's "
                                    "version are in it; see 'vmrun doctor'"},
        {"KVM_SET_USER_MEMORY_REGION2 failed",
         "the host's KVM refuses a piece of the guest's memory; under SNP firmware has to be given "
         "by -bios, not as flash"},
        {"failed to initialize ret=-22", "the host's KVM refuses this kind of guest: see 'vmrun "
                                         "doctor', and take a QEMU that is as new as the host's "
                                         "Linux"},
        {"CPUID validation failed", "the SEV firmware does not let an SNP guest have this "
                                    "processor model: name another (--cpu-model EPYC-v4)"},
        {"failed to register region", "the host cannot pin the guest's memory: raise 'ulimit -l', "
                                      "or choose less (--memory)"},
        {"Failed to open /dev/sev", "/dev/sev is not there or not allowed: see 'vmrun doctor'"},
        {"Could not open '/dev/sev'", "/dev/sev is not there or not allowed: see 'vmrun doctor'"},
        {"vm-type SEV-SNP not supported by KVM", "this host's KVM cannot make SEV-SNP guests: it "
                                                 "needs Linux 6.11 or later with kvm_amd.sev_snp "
                                                 "on"},
        {"host kernel does not support requested KVM_X86_SEV",
         "the host's KVM has no type for such a guest, which Linux has from 6.10 on, and this QEMU "
         "was not asked to do without (legacy-vm-type): see 'vmrun doctor', and take a newer Linux "
         "or QEMU"},
        {"not supported by KVM", "this host's KVM cannot make this kind of guest: see 'vmrun "
                                 "doctor'"},
        {"cannot set up private guest memory for sev-snp-guest: KVM required",
         "snp needs KVM: QEMU's software emulation cannot encrypt"},
        {"accelerator does not support confidential guest",
         "SEV needs KVM: QEMU's software emulation cannot encrypt"},
        {"cbitpos check failed",
         "the processor has no SEV, or another C-bit position than the launcher gave"},
        {"does not accept value 'sev-snp-guest'",
         "this QEMU has no sev-snp-guest: it came with QEMU 9.1"},
        {"does not accept value 'sev-guest'", "this QEMU was built without SEV"},
        {"failed to set MSR",
         "this host's KVM refuses part of the processor model; try another one, or software "
         "emulation (--accel tcg)"},
        {"emulation failure",
         "this host's KVM only emulates instructions, and gave up; use software emulation (--accel "
         "tcg)"},
        {"Could not access KVM kernel module",
         "KVM is not there or not allowed: see 'vmrun doctor'"},
        {"cannot set up guest memory",
         "this host has not enough free memory for the guest; choose less (--memory)"},
        {"unable to map backing store for guest RAM",
         "this host has not enough free memory or huge pages for the guest; choose less "
         "(--memory)"},
        {"failed to resize memfd",
         "this host has no huge pages of the size that was asked for (--backing)"},
        {"sandbox support is not enabled",
         "this QEMU was built without its sandbox (seccomp), which vmrun insists on"},
};

/* Where the line begins that `at` is in. */
static const char *begin_of(const char *output, const char *at)
{
	while (at > output && at[-1] != '\n')
		at--;
	return at;
}

/*
 * A call of KVM's or of the firmware's that failed: QEMU's sev.c gives "ret=%d fw_error=%d '%s'".
 * False: there is none.
 */
static bool explain_status(const char *output, char *sentence, size_t size)
{
	const char *ret = strstr(output, " ret=");
	const char *text, *line;
	int error, status;

	if (!ret || sscanf(ret, " ret=%d fw_error=%i", &error, &status) != 2)
		return false;
	text = status ? sev_status_text((unsigned long)status)
	              : strerror(error < 0 ? -error : error);
	line = begin_of(output, ret);
	snprintf(sentence, size, "%s: %s%s (QEMU says: %.*s)",
	         status ? "the SEV firmware refuses" : "the host's KVM refuses",
	         text ? text : "for a reason that is not known here",
	         status ? "; see 'dmesg | grep -i -e ccp -e sev'" : "", (int)strcspn(line, "\r\n"),
	         line);
	return true;
}

/* QEMU's own first line that is no warning: later ones follow from it. Otherwise the last line. */
static const char *first_error(const char *output, const char *end)
{
	const char *line = output;

	while (line < end) {
		size_t length = strcspn(line, "\n");
		const char *warning = strstr(line, "warning:");

		if (!strncmp(line, "qemu", 4) && !(warning && warning < line + length))
			return line;
		line += length + 1;
	}
	return begin_of(output, end);
}

void explain_qemu(const char *output, char *sentence, size_t size)
{
	const char *end = output + strlen(output), *line;

	while (end > output && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		line = strstr(output, rows[i].says);
		if (!line)
			continue;
		line = begin_of(output, line);
		snprintf(sentence, size, "%s (QEMU says: %.*s)", rows[i].means,
		         (int)strcspn(line, "\r\n"), line);
		return;
	}
	if (explain_status(output, sentence, size))
		return;
	line = first_error(output, end);
	snprintf(sentence, size, "%.*s", (int)strcspn(line, "\r\n"), line);
}
