/* SPDX-License-Identifier: MIT */
/* Which guest kernel, with which modules, told what? */
#ifndef VMRUN_LAUNCH_PLAN_KERNEL_H
#define VMRUN_LAUNCH_PLAN_KERNEL_H

#include "vmrun/launch/plan.h"
#include "vmrun/launch/vm.h"

/* The guest kernel as named or found, its release and modules, and sevbench.ko where it is built.
 */
int plan_kernel_find(const struct vm_spec *spec, struct plan *plan, struct err *e);

#endif
