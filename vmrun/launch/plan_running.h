/* SPDX-License-Identifier: MIT */
/* Can the Linux that this machine runs be the guest's too? */
#ifndef VMRUN_LAUNCH_PLAN_RUNNING_H
#define VMRUN_LAUNCH_PLAN_RUNNING_H

#include <limits.h>

#include "harness/err.h"
#include "harness/sev.h"

/*
 * The image of Linux `release` below the folder `root` ("" for this machine), where distributions
 * put it, into `image`: a guest kernel for `platform` if it can be read, its modules are there, and
 * its configuration has what guests need. -EINVAL with a sentence about the first of these that is
 * not so.
 */
int plan_running_find(const char *root, const char *release, enum platform platform,
                      char image[PATH_MAX], struct err *e);

#endif
