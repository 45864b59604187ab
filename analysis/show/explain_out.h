/* SPDX-License-Identifier: MIT */
/* The way of one operation on every platform, as text, with what a run measured of it. */
#ifndef ANALYSIS_SHOW_EXPLAIN_OUT_H
#define ANALYSIS_SHOW_EXPLAIN_OUT_H

#include <stdio.h>

#include "analysis/decide/legs.h"
#include "analysis/decide/parts.h"
#include "analysis/decide/switches.h"

/* What is explained. */
struct explain {
	const struct switches *switches;
	const struct legs *legs;
	const struct parts *parts;             /* of a run; NULL: none was named */
	const char *kernel, *variant, *params; /* "": whichever cell */
};

/*
 * Print it in at most TABLE_WIDTH columns: the legs of each path, where they are read, and beside
 * each the part whose time it is in; then every part on every platform, or why it is not known.
 * Where the path hangs on a host that is not known, one after another.
 */
int explain_out_print(FILE *out, const struct explain *x, struct err *e);

/* "1232 ns (1210 to 1250), from cpuid/0xb", or why a part is not known on that platform. */
const char *explain_out_part(const struct explain *x, const char *part, unsigned platform,
                             char text[256]);

#endif
