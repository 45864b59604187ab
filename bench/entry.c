/* SPDX-License-Identifier: MIT */
/* Compiled once a kernel, with -DKERNEL=<name>: the kernel that a bench-<name> binary measures. */
#include "harness/kernel.h"

#define PASTE(a, b)  a##b
#define SYMBOL(name) PASTE(kernel_, name)

extern const struct kernel SYMBOL(KERNEL);
extern const struct kernel *const entry_kernel;
const struct kernel *const entry_kernel = &SYMBOL(KERNEL);
