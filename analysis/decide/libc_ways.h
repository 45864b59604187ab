/* SPDX-License-Identifier: MIT */
/*
 * By which sizes the C library of each platform chose its ways: memcpy() and memset() of glibc take
 * other instructions from sizes that its version, the processor's caches and what a hypervisor
 * shows of them decide. Variants "libc..." measure whatever that was.
 */
#ifndef ANALYSIS_DECIDE_LIBC_WAYS_H
#define ANALYSIS_DECIDE_LIBC_WAYS_H

#include <stdbool.h>

#include "analysis/decide/summary.h"
#include "analysis/read/machine.h"

#define LIBC_WAYS_TEXT 112

/* Of one source: "glibc 2.36 (non_temporal 133169152, rep_movsb 2112, ...)"; "": not known. */
struct libc_ways {
	char text[TARGET_COUNT][LIBC_WAYS_TEXT];
};

/* Set summary->libc by the manifests beside its sources, which are as many. -ENOMEM. */
int libc_ways_apply(struct summary *summary, const struct machine *machines, size_t count,
                    struct err *e);

/*
 * Must a row of a libc variant not be compared with its reference, since their C libraries, or
 * those of either in several sources, differ in their ways? Then `why` says so. What is not known
 * is no difference.
 */
bool libc_ways_apart(const struct summary *summary, const struct summary_row *row,
                     const struct summary_row *reference, char why[256]);

#endif
