/* SPDX-License-Identifier: MIT */
/* Is SEV emulated, and by what? */
#ifndef VMRUN_LAUNCH_PLAN_EMULATE_H
#define VMRUN_LAUNCH_PLAN_EMULATE_H

#include <stddef.h>

#include "harness/err.h"
#include "vmrun/host/host.h"
#include "vmrun/launch/plan.h"
#include "vmrun/launch/vm.h"

/*
 * Decide it: plan->emulated, and why in plan->accel_why. -EINVAL where KVM and emulation were asked
 * for at once, or a trace of a guest whose SEV is not emulated.
 */
int plan_emulate_decide(const struct vm_spec *spec, const struct host_source *host,
                        struct plan *plan, struct err *e);

/*
 * For a guest that this host cannot launch: where KVM works, and so nothing is emulated by itself,
 * the sentence that emulation would do. "" where it would not, was asked for, or is on anyway.
 */
void plan_emulate_hint(const struct vm_spec *spec, const struct host_source *host, char *hint,
                       size_t size);

/*
 * Where it is: the QEMU that can, which is the spec's, the one in PATH or one that `make setup`
 * unpacked, and for an encrypted guest the plugin for it. -ENOTSUP where there is none.
 */
int plan_emulate_find(const struct vm_spec *spec, struct plan *plan, struct err *e);

#endif
