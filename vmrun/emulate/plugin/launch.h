/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host does before a guest's first instruction. */
#ifndef VMRUN_EMULATE_PLUGIN_LAUNCH_H
#define VMRUN_EMULATE_PLUGIN_LAUNCH_H

#include <stdbool.h>

#include "vmrun/emulate/plugin/vcpu.h"

/*
 * The vCPU whose CPUState is `cs`, which its own thread is about to run. *launched: it is the first
 * one of all, the C-bit got its memory, and SNP's launch is done; a guest that cannot be launched
 * ends QEMU with a sentence.
 */
struct vcpu *launch_enter(void *cs, bool *launched);

#endif
