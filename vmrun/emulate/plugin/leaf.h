/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the emulated processor answers to CPUID. */
#ifndef VMRUN_EMULATE_PLUGIN_LEAF_H
#define VMRUN_EMULATE_PLUGIN_LEAF_H

#include <stdint.h>

/* EAX, EBX, ECX, EDX of a leaf. `env`: QEMU's CPUX86State. (A cpuid_reader of cpuid_page.h.) */
void leaf_answer(void *env, uint32_t leaf, uint32_t subleaf, uint32_t answer[4]);

#endif
