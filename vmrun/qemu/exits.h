/* SPDX-License-Identifier: MIT */
/*
 * How often a guest left for its host: KVM's per-vCPU counters, as QEMU's query-stats shows them
 * (from QEMU 7.1), summed over the vCPUs.
 */
#ifndef VMRUN_QEMU_EXITS_H
#define VMRUN_QEMU_EXITS_H

#include <jansson.h>

#include "vmrun/wire/counts.h"

/* From the reply to query-stats (target vcpu); COUNTS_NOBODY where it has no counters, or NULL. */
void exits_read(const json_t *stats, struct counts *counts);

#endif
