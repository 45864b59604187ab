/* SPDX-License-Identifier: MIT */
/* The CSV files of analysis/reference, which are linked in as they are. */
#ifndef ANALYSIS_READ_EMBEDDED_H
#define ANALYSIS_READ_EMBEDDED_H

#include "harness/err.h"

#define EMBEDDED_FIELDS 13
#define EMBEDDED_TEXT   192 /* what is longer is cut */

struct embedded_line {
	char field[EMBEDDED_FIELDS][EMBEDDED_TEXT]; /* "" beyond the last */
};

/*
 * Call `take` for every line from `begin` to `end` but the header. 0, or the first negative value
 * that `take` returns; -EINVAL when it is no CSV. `what` names the data in a sentence.
 */
int embedded_read(const char *begin, const char *end, const char *what,
                  int (*take)(const struct embedded_line *line, void *context, struct err *e),
                  void *context, struct err *e);

#endif
