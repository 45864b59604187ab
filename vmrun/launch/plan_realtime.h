/* SPDX-License-Identifier: MIT */
/* Which real-time priority for the vCPUs? */
#ifndef VMRUN_LAUNCH_PLAN_REALTIME_H
#define VMRUN_LAUNCH_PLAN_REALTIME_H

#include "vmrun/launch/plan.h"
#include "vmrun/launch/vm.h"

/* -EINVAL where it is not allowed here, or nothing would be left for QEMU. After the CPUs. */
int plan_realtime_find(const struct vm_spec *spec, struct plan *plan, struct err *e);

#endif
