/* SPDX-License-Identifier: MIT */
/*
 * One archive with everything that measures a machine on which nothing can be installed or
 * launched: the per-kernel binaries and sevbench, the dynamic linker and the libraries they need,
 * the source of the guest kernel module, and bench/bundle: a script that runs them, and what to do.
 */
#ifndef BENCH_CMD_BUNDLE_H
#define BENCH_CMD_BUNDLE_H

#include <stdbool.h>

#include "harness/err.h"

/*
 * Write the archive (tar, gzip) to `path`, which must not exist (-EEXIST)
 * unless `force` (harness/result.h, result_file_replace). The same binaries give
 * the same bytes. `programs` is the folder of the programs, `source` the top of the
 * source tree, for the module.
 */
int bundle_write(const char *path, bool force, const char *programs, const char *source,
                 struct err *e);

#endif
