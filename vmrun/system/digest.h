/* SPDX-License-Identifier: MIT */
/* SHA-256 of files: the guest's inputs, so that a reader can tell whether two runs had the same. */
#ifndef VMRUN_SYSTEM_DIGEST_H
#define VMRUN_SYSTEM_DIGEST_H

#include "harness/err.h"

#define DIGEST_TEXT 65 /* 64 hexadecimal digits and NUL */

/*
 * Hash the file at `path`: once in a process, unless it changes (vmrun/system/known.h). 0 or
 * -errno; -EINVAL for what is no file and may never end.
 */
int digest_file(const char *path, char text[DIGEST_TEXT], struct err *e);

/* The same of an open file, from where it stands; `name` is for the sentence. */
int digest_open(int fd, const char *name, char text[DIGEST_TEXT], struct err *e);

#endif
