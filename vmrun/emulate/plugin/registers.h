/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All registers of a vCPU at once. For its own thread, outside translated code. */
#ifndef VMRUN_EMULATE_PLUGIN_REGISTERS_H
#define VMRUN_EMULATE_PLUGIN_REGISTERS_H

#include <stdint.h>

#include "vmrun/emulate/plugin/vcpu.h"

/*
 * Those that INIT clears, kept and put back: on hardware it cannot clear them, for they are
 * encrypted. (FPU, XMM and MSRs stay as they are anyway: start_init_save in QEMU's CPUX86State.)
 */
void registers_keep(struct vcpu *vcpu);
void registers_put_back(struct vcpu *vcpu);

/* In real mode after INIT: go on at that address, as after reset. */
void registers_begin(struct vcpu *vcpu, uint32_t address);

/* Those of a VMSA (vmsa.h), but for the x87 stack and the upper halves of YMM. */
void registers_load(struct vcpu *vcpu, const uint8_t *vmsa);

#endif
