/* SPDX-License-Identifier: MIT */
/* The guest's initramfs: newc, uncompressed, byte-stable, with only what the jobs need. */
#ifndef VMRUN_INITRAMFS_H
#define VMRUN_INITRAMFS_H

#include "harness/err.h"
#include "vmrun/vm.h"

/*
 * Write the archive to `path`: /init (vmrun's guest init, from the running program's own folder),
 * the programs with their shared-library closure, the kernel modules with their dependencies, and
 * the jobs. The same input gives the same bytes. `modules` is a /lib/modules/<release> directory.
 */
int initramfs_write(const char *path, const struct vm_payload *payload, const struct vm_job *jobs,
                    size_t job_count, const char *modules, struct err *e);

#endif
