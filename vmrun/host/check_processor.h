/* SPDX-License-Identifier: MIT */
/* Checks of the processor: whose it is, its modes by CPUID 0x8000001F, and how many guests. */
#ifndef VMRUN_HOST_CHECK_PROCESSOR_H
#define VMRUN_HOST_CHECK_PROCESSOR_H

#include "vmrun/host/facts.h"
#include "vmrun/host/finding.h"

void check_processor_vendor(struct facts *facts, struct finding *finding);
void check_processor_modes(struct facts *facts, struct finding *finding);
void check_processor_asids(struct facts *facts, struct finding *finding);

#endif
