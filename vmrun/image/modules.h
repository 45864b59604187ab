/* SPDX-License-Identifier: MIT */
/* Which files of a kernel's module tree have to be loaded, and in which order (libkmod). */
#ifndef VMRUN_IMAGE_MODULES_H
#define VMRUN_IMAGE_MODULES_H

#include <stddef.h>

#include "harness/err.h"

/* Zero-initialise; modules_free() when done. */
struct modules {
	char **paths; /* .ko files on this machine in the order to load them, each once */
	size_t count;
};

/*
 * Append module `name` ("msr") of the tree `folder` (a /lib/modules/<release> with depmod's files)
 * and before it what it depends on. A module that is built into that kernel adds nothing. The
 * configuration of this machine (modprobe.d) has no say. -ENOENT when the tree has no such module.
 */
int modules_add(struct modules *m, const char *folder, const char *name, struct err *e);

/*
 * Append the file `path` (.ko), which is not in the tree, and before it what it says it depends on.
 * -EINVAL when it is no module or was built for another kernel than `folder` belongs to.
 */
int modules_add_file(struct modules *m, const char *folder, const char *path, struct err *e);
void modules_free(struct modules *m);

#endif
