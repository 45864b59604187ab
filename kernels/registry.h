/* SPDX-License-Identifier: MIT */
/* The kernels of kernels.def. A listed kernel that is missing is a link error. */
#ifndef KERNELS_REGISTRY_H
#define KERNELS_REGISTRY_H

#include <stddef.h>

#include "harness/kernel.h"

/* All kernels, in the order of kernels.def; *count gets their number. */
const struct kernel *const *registry_kernels(size_t *count);

/* The kernel called `name`, or NULL. */
const struct kernel *registry_find(const char *name);

#endif
