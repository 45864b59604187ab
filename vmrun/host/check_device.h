/* SPDX-License-Identifier: MIT */
/* Checks of the nodes of /dev: whether this user may use them, and whether KVM works. */
#ifndef VMRUN_HOST_CHECK_DEVICE_H
#define VMRUN_HOST_CHECK_DEVICE_H

#include "vmrun/host/facts.h"
#include "vmrun/host/finding.h"

void check_device_kvm(struct facts *facts, struct finding *finding);
void check_device_sev(struct facts *facts, struct finding *finding);

#endif
