/* SPDX-License-Identifier: MIT */
/* Which firmware? */
#ifndef VMRUN_LAUNCH_PLAN_FIRMWARE_H
#define VMRUN_LAUNCH_PLAN_FIRMWARE_H

#include "vmrun/launch/plan.h"
#include "vmrun/launch/vm.h"

/* OVMF as named or found, or QEMU's own: argv.firmware is NULL. -EINVAL where there
 * is none as named, -ENOTSUP where none is found. */
int plan_firmware_find(const struct vm_spec *spec, struct plan *plan, struct err *e);

/*
 * Can that image start such a guest? Of one that cannot QEMU or the guest would say so in words
 * that nobody understands. -EINVAL where the spec names it, -ENOTSUP where it was found.
 */
int plan_firmware_allow(const struct vm_spec *spec, const struct plan *plan, struct err *e);

#endif
