/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which view of a page is good (vmrun/emulate/views.h), and what vCPUs and page states make of it.
 */
#ifndef VMRUN_EMULATE_PLUGIN_VIEW_H
#define VMRUN_EMULATE_PLUGIN_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "vmrun/emulate/plugin/vcpu.h"

/*
 * The vCPU is about to use that view of the page at `address`: make it good. Where vCPUs may still
 * have translations to the other one, they forget them first; for that the instruction is begun
 * anew (this does not return) if `ra`, its address in translated code, is given.
 */
void view_use(struct vcpu *vcpu, uint64_t address, bool private, uintptr_t ra);

/*
 * The hypervisor took the page at `address`, or gave it to the guest: nothing that was there is
 * there any more. vCPUs' translations of it are the caller's concern.
 */
void view_lose(uint64_t address, bool shared);

/* At launch the page at `address` is the guest's: what is written to it with C-bit stays. */
void view_launch(uint64_t address);

#endif
