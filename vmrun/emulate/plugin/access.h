/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accesses to memory, seen where QEMU fills its cache of translations: #VC for MMIO, the RMP's
 * checks, and which view of a page it is. What raises is never cached, so that the next access
 * comes here too; all else is looked at once for each translation.
 */
#ifndef VMRUN_EMULATE_PLUGIN_ACCESS_H
#define VMRUN_EMULATE_PLUGIN_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

/* Takes the place of x86_cpu_tlb_fill. */
bool access_fill(void *cs, uint64_t va, int size, int kind, int mmu, bool probe, uintptr_t ra);

#endif
