/* SPDX-License-Identifier: MIT */
/* Searching the memory of another process: what the host can see of a guest. */
#ifndef VMRUN_LAUNCH_MEMSEARCH_H
#define VMRUN_LAUNCH_MEMSEARCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "harness/err.h"

#define MEMSEARCH_RANGES      16
#define MEMSEARCH_PATTERN_MAX 4096

struct memsearch_range {
	uint64_t from, to; /* addresses in that process */
};

struct memsearch_pattern {
	const void *bytes; /* borrowed */
	size_t length;     /* 1 to MEMSEARCH_PATTERN_MAX */
	uint64_t enough;   /* the search may end when so many were found; 0: count them all */
	uint64_t found;
};

struct memsearch {
	uint64_t searched; /* bytes that were read */
	uint64_t absent;   /* bytes that are mapped, but have no page: nothing was written there */
	uint64_t unreadable; /* bytes that could not be read */
	double seconds;
};

/*
 * The mappings that hold `size` bytes of guest memory, from the text of /proc/PID/maps: one of that
 * size, or several of one file that lie side by side and have it together. How many, at most
 * MEMSEARCH_RANGES; 0 when there is none.
 */
size_t memsearch_ranges(FILE *maps, uint64_t size, struct memsearch_range *ranges);

/* What stands for a process: /proc/PID/mem and /proc/PID/pagemap. */
struct memsearch_source {
	int mem, pagemap;
};

/* Count the patterns in these ranges of `source`. 0, -EINTR, or what reading the pagemap said. */
int memsearch_source(const struct memsearch_source *source, const struct memsearch_range *ranges,
                     size_t range_count, struct memsearch_pattern *patterns, size_t count,
                     int cancel, struct memsearch *result, struct err *e);

/*
 * Count the patterns in the mappings of process `pid` that hold `size` bytes of guest memory. The
 * process runs on meanwhile. Pages that it never touched are left out: reading them would allocate
 * them. -EACCES or -EPERM when this process may not look, -ENOENT when there is no such mapping,
 * -EINTR when `cancel` (a descriptor; -1: none) becomes readable.
 */
int memsearch(pid_t pid, uint64_t size, struct memsearch_pattern *patterns, size_t count,
              int cancel, struct memsearch *result, struct err *e);

#endif
