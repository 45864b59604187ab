/* SPDX-License-Identifier: MIT */
#include "vmrun/host/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmrun/host/sevleaf.h"

void facts_gather(const struct host_source *source, struct facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	facts->source = source;
	cpu_vendor_at(source->cpu, facts->vendor);
	/* The leaf's number means something else, or nothing, to other vendors. */
	facts->has_leaf = !strcmp(facts->vendor, "AuthenticAMD") &&
	                  cpu_id_at(source->cpu, SEVLEAF, 0, facts->leaf);
	if (!facts->has_leaf)
		memset(facts->leaf, 0, sizeof(facts->leaf));
}

void facts_release(struct facts *facts)
{
	free(facts->log);
	facts->log = NULL;
}

const struct kvmprobe *facts_kvm(struct facts *facts)
{
	if (!facts->probed)
		host_kvm(facts->source, &facts->kvm, NULL);
	facts->probed = true;
	return &facts->kvm;
}

const char *facts_log_after(struct facts *facts, const char *mark)
{
	const char *at, *last = NULL;

	if (!facts->logged)
		facts->log = host_log(facts->source);
	facts->logged = true;
	for (at = facts->log; at && (at = strstr(at, mark)); at += strlen(mark))
		last = at + strlen(mark);
	return last;
}

bool facts_linux_from(const struct facts *facts, unsigned major, unsigned minor)
{
	char release[HOST_RELEASE];
	unsigned is_major, is_minor;

	host_release(facts->source, release);
	if (sscanf(release, "%u.%u", &is_major, &is_minor) != 2)
		return false;
	return is_major > major || (is_major == major && is_minor >= minor);
}

bool facts_log_failure(struct facts *facts, unsigned *status)
{
	/* Linux 6.1 and 6.12: drivers/crypto/ccp/sev-dev.c */
	static const char *const marks[] = {"SEV: failed to INIT error ", "SEV: INIT failed ",
	                                    "SEV: INIT_EX failed "};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *text = facts_log_after(facts, marks[i]);

		if (text && sscanf(text, "%x", status) == 1)
			return true;
	}
	return false;
}

bool facts_log_off(struct facts *facts)
{
	unsigned status;

	/* RHEL 8 and Linux of its age (arch/x86/kernel/cpu/amd.c), and what the firmware answers */
	return facts_log_after(facts, "SEV: memory encryption not enabled by BIOS") ||
	       (facts_log_failure(facts, &status) && status == FACTS_ENCRYPTION_OFF);
}

uint32_t facts_asids_sev(const struct facts *facts)
{
	uint32_t all = facts->leaf[CPU_ECX], first = facts->leaf[CPU_EDX];

	return first && first <= all ? all - first + 1 : 0;
}

/* SEV-ES and SNP take the ASIDs from 1 up to the minimum of SEV, less one. */
uint32_t facts_asids_es(const struct facts *facts)
{
	uint32_t first = facts->leaf[CPU_EDX];

	return first ? first - 1 : 0;
}
