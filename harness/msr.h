/* SPDX-License-Identifier: MIT */
/* Model-specific registers, through Linux's module msr. */
#ifndef HARNESS_MSR_H
#define HARNESS_MSR_H

#include <stdint.h>

/*
 * A register of CPU 0, from `root`/dev/cpu/0/msr ("" is the running system). -errno where it cannot
 * be read: -ENOENT without the module, -EACCES or -EPERM without root, -EIO where the processor has
 * no such register.
 */
int msr_read(const char *root, uint32_t index, uint64_t *value);

#endif
