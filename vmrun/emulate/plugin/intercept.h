/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions that a hypervisor intercepts, and that QEMU calls a function for: CPUID, IN, OUT,
 * MOV to DR7, RDPMC, MONITOR, MWAIT.
 */
#ifndef VMRUN_EMULATE_PLUGIN_INTERCEPT_H
#define VMRUN_EMULATE_PLUGIN_INTERCEPT_H

#include "vmrun/emulate/plugin/qemu.h"

extern const struct qemu_hook intercept_hooks[];

#endif
