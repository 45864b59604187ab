/* SPDX-License-Identifier: MIT */
/* Checks of what the BIOS left: encryption switched on, the RMP table's memory, the IOMMU. */
#ifndef VMRUN_HOST_CHECK_BIOS_H
#define VMRUN_HOST_CHECK_BIOS_H

#include "vmrun/host/facts.h"
#include "vmrun/host/finding.h"

/* The reason where memory encryption is off: others follow from it. */
extern const char check_bios_off[];

void check_bios_switches(struct facts *facts, struct finding *finding);
void check_bios_rmp(struct facts *facts, struct finding *finding);
void check_bios_iommu(struct facts *facts, struct finding *finding);

#endif
