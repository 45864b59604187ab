/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RDMSR and WRMSR: SEV's own registers, which of the others are intercepted, and access for a GHCB.
 */
#ifndef VMRUN_EMULATE_PLUGIN_MSR_H
#define VMRUN_EMULATE_PLUGIN_MSR_H

#include <stdbool.h>
#include <stdint.h>

#include "vmrun/emulate/plugin/qemu.h"
#include "vmrun/emulate/plugin/vcpu.h"

extern const struct qemu_hook msr_hooks[];

/* As the hypervisor does it for a guest that asked. False: the guest shall get #GP. */
bool msr_read(struct vcpu *vcpu, uint32_t index, uint64_t *value);
bool msr_write(struct vcpu *vcpu, uint32_t index, uint64_t value);

#endif
