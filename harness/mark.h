/* SPDX-License-Identifier: MIT */
/*
 * A word with the host from inside a guest: a line that the host answers when it has done what it
 * wants to do at that point (vmrun reads the vCPUs' exit counters). Natively there is nobody.
 */
#ifndef HARNESS_MARK_H
#define HARNESS_MARK_H

#include <stdint.h>

/* The variable that names the file descriptor; set by the guest's PID 1. */
#define MARK_VARIABLE "SEVBENCH_MARK_FD"

/* Sent around the sampling of a cell: MARK_BEGIN, then MARK_END, a number of operations, a name. */
#define MARK_BEGIN "begin"
#define MARK_END   "end" /* "end 55000 cpuid/0x0" */

/* The descriptor, or -1 where no host listens. */
int mark_open(void);

/* Send a line (without newline, at most 1023 bytes) and wait for the answer. -EPIPE: nobody there.
 */
int mark_send(int fd, const char *line);

#endif
