/* SPDX-License-Identifier: MIT */
/* How much memory may be used: what the machine has left, or less where a control group says so. */
#ifndef HARNESS_MEM_AVAILABLE_H
#define HARNESS_MEM_AVAILABLE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Bytes that may be used: MemAvailable of /proc/meminfo, or what the control groups of this process
 * leave where that is less. 0 where it cannot be read.
 */
uint64_t mem_available(void);

/* The same below `root`, where recorded files stand. */
uint64_t mem_available_at(const char *root);

/*
 * What NUMA node `node` can still give, in bytes: its free pages, and half of the file pages that
 * it could drop. 0 where it cannot be told: also where the nodes together have less than fifteen
 * sixteenths of what Linux has, as some virtual machines' tables say, so that no node's figure is
 * one.
 */
uint64_t mem_available_on(int node);
uint64_t mem_available_on_at(const char *root, int node);

/*
 * Bytes that this Linux, a guest, has not accepted yet: it does so when they are first used
 * (accept_memory=lazy; Linux 6.6 with CONFIG_UNACCEPTED_MEMORY). 0 where there are none, or none
 * are known.
 */
uint64_t mem_unaccepted(void);
uint64_t mem_unaccepted_at(const char *root);

/* Bytes of all nodes together, and of Linux as a whole; 0 where they cannot be read. */
struct mem_totals {
	uint64_t nodes, linux_bytes;
};
struct mem_totals mem_totals_at(const char *root);
bool mem_totals_agree(const struct mem_totals *totals);

#endif
