/* SPDX-License-Identifier: MIT */
/*
 * What an emulated SEV processor does, line by line into a file of the user's (vmrun/emulate/
 * README.md, "Trace"). QEMU, which runs as somebody else where it can and may go no further than
 * the run's private directory, writes into a pipe there; a thread takes it from that to the file,
 * so that nothing is lost when QEMU dies, and the guest waits where the file's disk is slow.
 */
#ifndef VMRUN_LAUNCH_TRACE_H
#define VMRUN_LAUNCH_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/err.h"

struct trace;

/*
 * Bytes of a trace. A line has some 60, the boot of an SNP guest some hundred thousand lines; a
 * guest that does nothing but leave writes this much in an hour.
 */
#define TRACE_MAX (4ULL << 30)

/*
 * Make the pipe ARGV_TRACE in the run's private directory, and begin to take from it to the file
 * `path`, `max` bytes at most, which must be new (harness/result.h, result_file_open): -EINVAL when
 * it is not, or cannot be made. NULL: no memory, or that; trace_close() what is made.
 */
int trace_open(const char *path, const char *directory, uint64_t max, struct trace **trace,
               struct err *e);

/*
 * QEMU has ended: take what is left, and finish the file, which has its name from now on. Without a
 * line in it, it is removed, unless the guest `ran` to its end: then there was nothing to say.
 * *trace is NULL after this, and may be before. -errno where it is not complete, -EFBIG where the
 * guest did more than it has room for; what was written is kept, as <path>.partial.
 */
int trace_close(struct trace **trace, bool ran, struct err *e);

#endif
