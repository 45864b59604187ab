/* SPDX-License-Identifier: MIT */
/* From what is asked for to what will be launched: every question, in its order. */
#ifndef VMRUN_LAUNCH_PLAN_RESOLVE_H
#define VMRUN_LAUNCH_PLAN_RESOLVE_H

#include "vmrun/host/host.h"
#include "vmrun/launch/plan.h"
#include "vmrun/launch/vm.h"

/*
 * Find every file and default, and refuse bad input (-EINVAL) and what this QEMU cannot do, or
 * what nobody named and is not here (-ENOTSUP); with "auto" the accelerator is KVM for now. Starts
 * nothing but QEMU's --version and the like.
 */
int plan_resolve_find(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
                      struct err *e);

/* Then: can this host launch it, and with which accelerator? -ENOTSUP with the reason. */
int plan_resolve_allow(const struct vm_spec *spec, const struct host_source *host,
                       struct plan *plan, struct err *e);

/* Both. */
int plan_resolve(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
                 struct err *e);

#endif
