/* SPDX-License-Identifier: MIT */
/* SHA-256 of files: the guest's inputs, so that a reader can tell whether two runs had the same. */
#ifndef VMRUN_SYSTEM_DIGEST_H
#define VMRUN_SYSTEM_DIGEST_H

#include "harness/err.h"

#define DIGEST_TEXT 65 /* 64 hexadecimal digits and NUL */

/* Hash the file at `path`: once in a process, unless it changes (vmrun/system/known.h). 0 or
 * -errno. */
int digest_file(const char *path, char text[DIGEST_TEXT], struct err *e);

#endif
