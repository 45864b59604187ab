/* SPDX-License-Identifier: MIT */
/* Compiled once a kernel, with -DKERNEL=<name>: the kernel that a bench-<name> binary measures. */
#include "bench/entry.h"

#define PASTE(a, b)  a##b
#define SYMBOL(name) PASTE(kernel_, name)

extern const struct kernel SYMBOL(KERNEL);
const struct kernel *const entry_kernel = &SYMBOL(KERNEL);
