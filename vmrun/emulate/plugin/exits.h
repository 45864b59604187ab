/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMGEXIT: the hypervisor's side of both GHCB protocols. */
#ifndef VMRUN_EMULATE_PLUGIN_EXITS_H
#define VMRUN_EMULATE_PLUGIN_EXITS_H

#include "vmrun/emulate/plugin/vcpu.h"

/*
 * Do what the guest asks for, at VMGEXIT of `length` bytes; RIP stands on it. Comes back when the
 * guest goes on after it.
 */
void exits_page(struct vcpu *vcpu, unsigned length);
void exits_msr(struct vcpu *vcpu, unsigned length);

#endif
