/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host does before a guest's first instruction. */
#ifndef VMRUN_EMULATE_PLUGIN_LAUNCH_H
#define VMRUN_EMULATE_PLUGIN_LAUNCH_H

#include <stdint.h>

#include "vmrun/emulate/plugin/vcpu.h"

/*
 * The vCPU of the calling thread, for every hook's first line. The first time of all the C-bit gets
 * its memory, and SNP's launch is done; a guest that cannot be launched ends QEMU with a sentence.
 */
struct vcpu *launch_enter(void *env);

#endif
