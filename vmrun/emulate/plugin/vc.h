/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raising #VC, and ending a guest that hardware would end. */
#ifndef VMRUN_EMULATE_PLUGIN_VC_H
#define VMRUN_EMULATE_PLUGIN_VC_H

#include <stdbool.h>
#include <stdint.h>

#include "vmrun/emulate/plugin/vcpu.h"

/* Address in translated code that the calling hook returns to. */
#define VC_HERE ((uintptr_t)__builtin_return_address(0))

/* Does this vCPU take #VC for what is intercepted? Not before it is in protected mode. */
bool vc_wanted(const struct vcpu *vcpu);

/* Raise #VC with that exit code as its error code, at the instruction that `ra` belongs to. */
_Noreturn void vc_raise(struct vcpu *vcpu, uint64_t code, uintptr_t ra);

/* The same if it is wanted; otherwise count what leaves the guest directly. */
void vc_intercept(struct vcpu *vcpu, uint64_t code, uintptr_t ra);

/* The guest is over: QEMU is asked to stop, and this vCPU waits for it. */
_Noreturn void vc_end(struct vcpu *vcpu);

#endif
