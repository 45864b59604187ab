/* SPDX-License-Identifier: MIT */
/*
 * The quota of CPU time that control groups give this process (Linux, Documentation/scheduler/
 * sched-bwc.rst): when it is used up, Linux stops all its threads, and those of its guests, until
 * the next period.
 */
#ifndef HARNESS_QUOTA_H
#define HARNESS_QUOTA_H

#include <stdint.h>

struct quota {
	double cpus;      /* CPUs' worth of time, the least of all groups; infinite: no quota */
	double period_ms; /* of that one */
	double stopped_s; /* seconds that threads were stopped, of all groups since they were made
	                   */
	uint64_t stops;   /* how many periods they were stopped in */
};

/* As it is now, below `root` ("" for the running system). */
void quota_read(const char *root, struct quota *quota);

#endif
