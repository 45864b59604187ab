/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accesses to memory, seen where QEMU fills its cache of translations: #VC for MMIO, and the RMP's
 * checks. What raises is never cached, so that the next access comes here too; all else is looked
 * at once for each translation.
 */
#ifndef VMRUN_EMULATE_PLUGIN_ACCESS_H
#define VMRUN_EMULATE_PLUGIN_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "vmrun/emulate/plugin/vcpu.h"
#include "vmrun/emulate/walk.h"

/* Takes the place of x86_cpu_tlb_fill. */
bool access_fill(void *cs, uint64_t va, int size, int kind, int mmu, bool probe, uintptr_t ra);

/* Where `va` of that vCPU lies. False: it is not mapped. */
bool access_walk(struct vcpu *vcpu, uint64_t va, struct walk_page *page);

#endif
