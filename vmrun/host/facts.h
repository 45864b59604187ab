/* SPDX-License-Identifier: MIT */
/* The facts that the checks of a host share, each read once. */
#ifndef VMRUN_HOST_FACTS_H
#define VMRUN_HOST_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "vmrun/host/host.h"

/* What is expensive is read when the first check asks. */
struct facts {
	const struct host_source *source;
	char vendor[CPU_SIGNATURE];
	bool has_leaf;
	uint32_t leaf[4]; /* CPUID 0x8000001F; zeros without it */
	bool probed;
	struct kvmprobe kvm;
	bool logged;
	char *log; /* owned; NULL: cannot be read */
};

/* The source must outlive the facts. facts_release() them. */
void facts_gather(const struct host_source *source, struct facts *facts);
void facts_release(struct facts *facts);

/* The probe of KVM, made when it is first asked for. */
const struct kvmprobe *facts_kvm(struct facts *facts);

/* The rest of the log's last line that has `mark`, or NULL. The text stays in the log. */
const char *facts_log_after(struct facts *facts, const char *mark);

/* Is the host's Linux that one or a later one? False too where its release has no number. */
bool facts_linux_from(const struct facts *facts, unsigned major, unsigned minor);

/* The SEV firmware's answer where memory encryption is off: SEV_RET_HWSEV_RET_PLATFORM. */
#define FACTS_ENCRYPTION_OFF 0x13

/* Does the log say that Linux could not initialise the SEV firmware? Its answer is the status. */
bool facts_log_failure(struct facts *facts, unsigned *status);

/* Does the log say that memory encryption is off, which the BIOS switches? */
bool facts_log_off(struct facts *facts);

/* ASIDs, and so encrypted guests at once: of SEV alone, and of SEV-ES and SNP together. */
uint32_t facts_asids_sev(const struct facts *facts);
uint32_t facts_asids_es(const struct facts *facts);

#endif
