/* SPDX-License-Identifier: MIT */
/*
 * What the guest's PID 1 has to do, as the initramfs carries it in the file JOBS_PATH: modules to
 * load and commands to run. Little endian; a string is a u32 length, its bytes and a NUL.
 *
 *   offset 0  u32 magic "SVBJ"
 *          4  u32 version (JOBS_VERSION)
 *          8  u32 length of the whole file
 *         12  u32 CRC-32 (zlib) of everything from offset 16 on
 *         16  u32 flags (JOBS_PROVE)
 *         20  u32 number of modules, then each one's path in the guest (string)
 *             u32 number of jobs, then for each: u32 deadline in seconds (0: none),
 *             u32 number of arguments, the arguments (strings)
 */
#ifndef VMRUN_WIRE_JOBS_H
#define VMRUN_WIRE_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"
#include "vmrun/wire/frame.h"
#include "vmrun/wire/job.h"

#define JOBS_PATH    "/jobs"
#define JOBS_MAGIC   0x4a425653U /* "SVBJ" read as little endian */
#define JOBS_VERSION 2
#define JOBS_PROVE   1                  /* plant a marker in memory: see marker.h */
#define JOBS_MAX     (FRAME_NO_JOB - 1) /* a frame numbers its job in 16 bits */

struct job_list {
	const char *const *modules; /* paths in the guest, in the order they are to be loaded */
	size_t module_count;
	const struct vm_job *jobs; /* in the order they are to be run */
	size_t job_count;
	bool prove; /* plant a marker first */
};

/*
 * Make the file's bytes: *bytes (free() it) and *length. -EINVAL for a job without a command, a
 * command that is not an absolute path, or more than JOBS_MAX jobs.
 */
int jobs_encode(const struct job_list *list, uint8_t **bytes, size_t *length, struct err *e);

/*
 * Read the file's bytes back. *list is one allocation that holds everything: free() it. -EPROTO
 * when they are cut, changed, of another version or make no sense, and which.
 */
int jobs_decode(const void *bytes, size_t length, struct job_list **list, struct err *e);

#endif
