/* SPDX-License-Identifier: MIT */
/* A file that a guest is to be made of. */
#ifndef VMRUN_LAUNCH_PLAN_FILE_H
#define VMRUN_LAUNCH_PLAN_FILE_H

#include <limits.h>

#include "harness/err.h"

/*
 * The real path of `path`, which must be a file that can be read, or -EINVAL with a sentence that
 * calls it `what`.
 */
int plan_file_find(const char *what, const char *path, char found[PATH_MAX], struct err *e);

#endif
