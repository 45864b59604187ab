/* SPDX-License-Identifier: MIT */
/*
 * A recorded host, so that one machine's verdict can be had on another. ROOT holds its files of
 * /sys and /proc as they were, and in ROOT/recorded what stands in no file:
 *
 * - cpuid: as the program cpuid prints it with -1 -r
 * - kvm: "speed <instructions a second>", "vm_types <number>", "reason <sentence>", a line each
 * - msr: "<index> <value>", a line each
 * - release: of Linux, as uname -r prints it
 * - log: lines of Linux's log, as dmesg prints them
 * - devices: "<path> <owner> <group> <octal mode> <allowed or refused>", a line each
 * - firmware: "sev <12 bytes>" and "snp <32 bytes>", the answers of /dev/sev in hexadecimal, a
 * blank between bytes, or "error <errno>" in place of the bytes
 *
 * What is not there was not recorded: it counts as unreadable, a device as missing.
 */
#ifndef VMRUN_HOST_RECORDING_H
#define VMRUN_HOST_RECORDING_H

#include "vmrun/host/host.h"

struct recording;

/* Read ROOT. *source points into *recording, which recording_close() frees. -EINVAL: no recording.
 */
int recording_open(const char *root, struct recording **recording,
                   const struct host_source **source, struct err *e);
void recording_close(struct recording *recording);

#endif
