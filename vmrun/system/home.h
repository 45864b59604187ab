/* SPDX-License-Identifier: MIT */
/* Where this program's own files are, installed or not: the guest init, the guest kernel, plugins.
 */
#ifndef VMRUN_SYSTEM_HOME_H
#define VMRUN_SYSTEM_HOME_H

#include <limits.h>
#include <stdbool.h>

#include "harness/err.h"

/*
 * Find `relative` ("bin/guest-init", "guest/boot") in the folder above the running program's own,
 * or up to three above that: build/ for build/bin/vmrun, for build/tests/vmrun/system/test_x and
 * for build/san/bin/vmrun alike, and PREFIX/lib/sevbench/ for what bench/install.sh has installed,
 * where it lies as under build/. 0 and the absolute path in `path`; -ENOENT with the place it
 * should be.
 */
int home_find(const char *relative, char path[PATH_MAX], struct err *e);

/*
 * Was this program started by the name of a dynamic linker, as those of a bundle are? Then `path`
 * is that linker, and the libraries beside it are its own: what this program starts has to be
 * started in the same way.
 */
bool home_linker(char path[PATH_MAX]);

#endif
