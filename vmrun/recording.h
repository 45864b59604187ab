/* SPDX-License-Identifier: MIT */
/*
 * A recorded host, so that one machine's verdict can be had on another. ROOT holds its files of
 * /sys, /proc and /dev as they were, and in ROOT/recorded what stands in no file:
 *
 *   cpuid     as the program cpuid prints it with -1 -r
 *   kvm       "speed <instructions a second>", "vm_types <number>", "reason <sentence>", a line
 * each msr       "<index> <value>", a line each release   uname -r log       lines of Linux's log
 * (dmesg)
 *
 * What is not there was not recorded: it counts as unreadable.
 */
#ifndef VMRUN_RECORDING_H
#define VMRUN_RECORDING_H

#include "vmrun/host.h"

struct recording;

/* Read ROOT. *source points into *recording, which recording_close() frees. -EINVAL: no recording.
 */
int recording_open(const char *root, struct recording **recording,
                   const struct host_source **source, struct err *e);
void recording_close(struct recording *recording);

#endif
