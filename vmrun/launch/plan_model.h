/* SPDX-License-Identifier: MIT */
/* Which processor does the guest see? */
#ifndef VMRUN_LAUNCH_PLAN_MODEL_H
#define VMRUN_LAUNCH_PLAN_MODEL_H

#include "vmrun/host/host.h"
#include "vmrun/launch/plan.h"
#include "vmrun/launch/vm.h"

/* QEMU's -cpu, and where the C-bit is. After the accelerator and the CPUs. */
void plan_model_find(const struct vm_spec *spec, const struct host_source *host, struct plan *plan);

#endif
