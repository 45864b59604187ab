/* SPDX-License-Identifier: MIT */
/* On which pages of the host a guest's memory really is, as Linux says of QEMU's process. */
#ifndef VMRUN_LAUNCH_BACKING_H
#define VMRUN_LAUNCH_BACKING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/mem.h"

struct backing {
	unsigned long long resident, huge; /* KiB, and those of them on huge pages */
	unsigned long long page;           /* KiB of a page of the mapping itself; 0: not found */
};

/*
 * Read /proc/<pid>/smaps: the one mapping that holds guest memory has the size of guest memory, in
 * bytes. All zero where it cannot be read.
 */
struct backing backing_read(pid_t qemu, uint64_t bytes);

/* Is it not on the pages that were asked for? A sentence without a full stop, or "". */
void backing_judge(const struct backing *m, enum mem_pages asked, char *text, size_t size);

#endif
