/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of the state of pages: by the guest's instructions, and by the hypervisor on request. */
#ifndef VMRUN_EMULATE_PLUGIN_STATE_H
#define VMRUN_EMULATE_PLUGIN_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "vmrun/emulate/plugin/vcpu.h"

/* A request in the GHCB MSR. False: there is no such operation. */
bool state_change(struct vcpu *vcpu, uint64_t address, unsigned operation, bool large);

/* The buffer of requests at `scratch`. The answer is SW_EXITINFO2. */
uint64_t state_change_list(struct vcpu *vcpu, uint64_t scratch);

/* The instructions, whose operands are in the vCPU's registers: EAX and flags are set. */
void state_pvalidate(struct vcpu *vcpu);
void state_rmpadjust(struct vcpu *vcpu);

#endif
