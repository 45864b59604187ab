/* SPDX-License-Identifier: MIT */
/* Checks of Linux: its age, what its module kvm_amd has on, which guests its KVM can make. */
#ifndef VMRUN_HOST_CHECK_LINUX_H
#define VMRUN_HOST_CHECK_LINUX_H

#include "vmrun/host/facts.h"
#include "vmrun/host/finding.h"

void check_linux_release(struct facts *facts, struct finding *finding);
void check_linux_cpus(struct facts *facts, struct finding *finding);
void check_linux_parameters(struct facts *facts, struct finding *finding);
void check_linux_types(struct facts *facts, struct finding *finding);

#endif
