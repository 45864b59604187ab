/* SPDX-License-Identifier: MIT */
/* How much memory may be used: what the machine has left, or less where a control group says so. */
#ifndef HARNESS_MEM_AVAILABLE_H
#define HARNESS_MEM_AVAILABLE_H

#include <stdint.h>

/*
 * Bytes that may be used: MemAvailable of /proc/meminfo, or what the control groups of this process
 * leave where that is less. 0 where it cannot be read.
 */
uint64_t mem_available(void);

/* The same below `root`, where recorded files stand. */
uint64_t mem_available_at(const char *root);

#endif
