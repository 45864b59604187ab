/* SPDX-License-Identifier: MIT */
/* What the files of rows share: requirement.c, requirement_device.c. Of no use beyond. */
#ifndef VMRUN_HOST_REQUIREMENT_CHECK_H
#define VMRUN_HOST_REQUIREMENT_CHECK_H

#include "vmrun/host/requirement.h"

#define REQUIREMENT_ENCRYPTED (1U << PLATFORM_SEV | 1U << PLATFORM_SEV_ES | 1U << PLATFORM_SNP)
#define REQUIREMENT_SNP       (1U << PLATFORM_SNP)
#define REQUIREMENT_ALL       (1U << PLATFORM_NOSEV | REQUIREMENT_ENCRYPTED)

void requirement_found(struct finding *finding, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));

/* The same verdict and reason for every mode of the set. */
void requirement_judge_all(struct finding *finding, unsigned modes, enum verdict verdict,
                           const char *reason);

/* The probe of KVM, made when it is first asked for. */
const struct kvmprobe *requirement_kvm(struct requirement_facts *facts);

/* The rest of the log's last line that has `mark`, or NULL. The text stays in the log. */
const char *requirement_log_after(struct requirement_facts *facts, const char *mark);

/* ASIDs, and so encrypted guests at once: of SEV alone, and of SEV-ES and SNP together. */
uint32_t requirement_asids_sev(const struct requirement_facts *facts);
uint32_t requirement_asids_es(const struct requirement_facts *facts);

void requirement_check_kvm(struct requirement_facts *facts, struct finding *finding);
void requirement_check_sev(struct requirement_facts *facts, struct finding *finding);
void requirement_check_firmware(struct requirement_facts *facts, struct finding *finding);
void requirement_check_snp(struct requirement_facts *facts, struct finding *finding);

#endif
