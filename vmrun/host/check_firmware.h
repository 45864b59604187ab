/* SPDX-License-Identifier: MIT */
/* Checks of the SEV firmware, as /dev/sev and the log tell of it: its age, and what it has on. */
#ifndef VMRUN_HOST_CHECK_FIRMWARE_H
#define VMRUN_HOST_CHECK_FIRMWARE_H

#include "vmrun/host/facts.h"
#include "vmrun/host/finding.h"

void check_firmware_sev(struct facts *facts, struct finding *finding);
void check_firmware_snp(struct facts *facts, struct finding *finding);

#endif
