/* SPDX-License-Identifier: MIT */
#include "vmrun/explain.h"

#include <stdio.h>
#include <string.h>

/* What QEMU prints, tried on 7.2, 10.0 and 11.1 without SEV, and what it means. The first that
 * fits. */
static const struct {
	const char *says;
	const char *means;
} rows[] = {
        {"vm-type SEV-SNP not supported by KVM", "this host's KVM cannot make SEV-SNP guests: it "
                                                 "needs Linux 6.11 or later with kvm_amd.sev_snp "
                                                 "on"},
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
        {"sandbox", "this QEMU was built without its sandbox (seccomp), which vmrun insists on"},
};

void explain_qemu(const char *output, char *sentence, size_t size)
{
	const char *end = output + strlen(output), *line;

	while (end > output && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		line = strstr(output, rows[i].says);
		if (!line)
			continue;
		while (line > output && line[-1] != '\n')
			line--;
		snprintf(sentence, size, "%s (QEMU says: %.*s)", rows[i].means,
		         (int)strcspn(line, "\r\n"), line);
		return;
	}
	for (line = end; line > output && line[-1] != '\n';)
		line--;
	snprintf(sentence, size, "%.*s", (int)(end - line), line);
}
