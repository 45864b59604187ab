/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions that QEMU does not know, or for which it calls no function. */
#ifndef VMRUN_EMULATE_PLUGIN_OPCODE_H
#define VMRUN_EMULATE_PLUGIN_OPCODE_H

#include "vmrun/emulate/plugin/qemu.h"

extern const struct qemu_hook opcode_hooks[];

/* A block of translated code, before it runs for the first time: WBINVD, INVD and XSAVEC get a
 * callback. */
void opcode_translated(void *block);

#endif
