/* SPDX-License-Identifier: MIT */
/* Which accelerator, and how long may a guest take on it? */
#ifndef VMRUN_LAUNCH_PLAN_ACCEL_H
#define VMRUN_LAUNCH_PLAN_ACCEL_H

#include "vmrun/host/host.h"
#include "vmrun/launch/plan.h"
#include "vmrun/launch/vm.h"

/* The one that is asked for, KVM where that is open. -EINVAL: none that there is. */
int plan_accel_find(const struct vm_spec *spec, struct plan *plan, struct err *e);

/*
 * May it be that one on this host? Where it was open a plain guest gets emulation instead.
 * -ENOTSUP with the reason.
 */
int plan_accel_allow(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
                     struct err *e);

#endif
