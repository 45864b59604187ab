/* SPDX-License-Identifier: MIT */
/* The kernel that this program measures: compiled into it by bench/entry.c. */
#ifndef BENCH_ENTRY_H
#define BENCH_ENTRY_H

#include "harness/kernel.h"

extern const struct kernel *const entry_kernel;

#endif
