/* SPDX-License-Identifier: MIT */
/* How many vCPUs, on which CPUs of the host? */
#ifndef VMRUN_LAUNCH_PLAN_CPUS_H
#define VMRUN_LAUNCH_PLAN_CPUS_H

#include "vmrun/launch/plan.h"
#include "vmrun/launch/vm.h"

/*
 * A CPU for each vCPU, apart from those of the other guests, and what is left for QEMU's other
 * threads. -EINVAL where the host has not as many, or not those that are named.
 */
int plan_cpus_find(const struct vm_spec *spec, struct plan *plan, struct err *e);

/*
 * How the guest's cores are not those that its vCPUs run on: one sentence without a full stop; "":
 * they are the same. QEMU gives every core as many hardware threads as the next.
 */
void plan_cpus_compare(const struct place *place, char text[PLAN_UNLIKE]);

#endif
