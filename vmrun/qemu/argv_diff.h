/* SPDX-License-Identifier: MIT */
/* What differs between the command lines of two platforms, setting by setting, and why it must. */
#ifndef VMRUN_QEMU_ARGV_DIFF_H
#define VMRUN_QEMU_ARGV_DIFF_H

#include <stddef.h>

#include "harness/err.h"
#include "vmrun/qemu/argv.h"

/* One setting that is not the same on both sides. */
struct argv_difference {
	char *where;    /* owned: "-machine confidential-guest-support", "-object sev0 policy" */
	char *value[2]; /* owned; NULL: that side has no such setting */
	const struct argv_reason *reason; /* NULL: nothing explains it, the guests do not match */
};

struct argv_diff {
	struct argv_difference *differences; /* owned */
	size_t count;
	size_t unexplained; /* how many of them have no reason */
	size_t same;        /* settings that are equal on both sides */
};

/*
 * Compare the command lines of two platforms, as argv_build makes them. -ENOMEM; argv_diff_free()
 * when done, even then.
 */
int argv_diff(char *const *const argv[2], const enum platform platform[2], struct argv_diff *diff,
              struct err *e);
void argv_diff_free(struct argv_diff *diff);

#endif
