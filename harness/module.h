/* SPDX-License-Identifier: MIT */
/* The guest kernel module of kernels/module, as user space sees it: one device, checked once. */
#ifndef HARNESS_MODULE_H
#define HARNESS_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"
#include "harness/module_abi.h"

/*
 * Open the device at `path` (NULL: SEVBENCH_DEVICE) and check that the module speaks this program's
 * version. Returns a file descriptor that the caller closes. -ENOTSUP, with the remedy, when the
 * module is not loaded, speaks another version, or the caller is not root.
 */
int module_open(const char *path, struct err *e);

/* Does a module that says this of itself speak this program's version? 0, or -ENOTSUP as above. */
int module_check(const struct sevbench_info *info, struct err *e);

/*
 * Can `op` with `arg` be done here? 0, or -ENOTSUP with the module's reason. Any other error is
 * passed on as it came (-EINVAL: an argument that the module does not know).
 */
int module_probe(int fd, unsigned op, uint64_t arg, struct err *e);

/*
 * Do what the request says; version and reason are filled in here. 0, or the error that the module
 * returned, with its reason: see SEVBENCH_IOC_RUN. r->taken samples are valid either way.
 */
int module_run(int fd, struct sevbench_request *r, struct err *e);

/*
 * Map `bytes` (a multiple of SEVBENCH_BLOCK) of zeroed memory, shared with the host or private,
 * with 4 KiB pages. *base is unmapped with munmap(*base, bytes), whole. -ENOMEM when the guest has
 * not as many free blocks of 2 MiB.
 */
int module_map(int fd, size_t bytes, bool shared, void **base, struct err *e);

#endif
