/* SPDX-License-Identifier: MIT */
/* May so much memory be locked as plain SEV and SEV-ES pin? */
#ifndef VMRUN_LAUNCH_PLAN_MEMLOCK_H
#define VMRUN_LAUNCH_PLAN_MEMLOCK_H

#include "vmrun/launch/vm.h"

/* -ENOTSUP where it may not. */
int plan_memlock_allow(const struct vm_spec *spec, struct err *e);

#endif
