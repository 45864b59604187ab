/* SPDX-License-Identifier: MIT */
/* Which operation of the table of world switches is meant by words of a command line. */
#ifndef BENCH_CMD_OPERATION_H
#define BENCH_CMD_OPERATION_H

#include <stdio.h>

#include "analysis/decide/switches.h"

struct operation {
	char kernel[32], variant[32], params[32]; /* "": with those it has by itself */
};

/*
 * "cpuid 0xb" as two words, or "cpuid/0xb" or "memcpy" as one (`variant` NULL). `params` is that of
 * the cell, such as "pages_converted=8"; NULL: the first that the table has of the operation.
 * -EINVAL with a sentence that names the nearest: a kernel alone is an operation only where the
 * table says the same of all its variants.
 */
int operation_find(const struct switches *switches, const char *kernel, const char *variant,
                   const char *params, struct operation *found, struct err *e);

/* All of them, a line a kernel. */
void operation_list(const struct switches *switches, FILE *out);

#endif
