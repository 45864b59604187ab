/* SPDX-License-Identifier: MIT */
/* What a comparison comes to, in a few lines: at the end of a run's table, and first on its page.
 */
#ifndef ANALYSIS_SHOW_CONCLUSION_H
#define ANALYSIS_SHOW_CONCLUSION_H

#include <stdio.h>

#include "analysis/decide/compare.h"

struct conclusion {
	size_t verdicts[COMPARE_VERDICT_COUNT]; /* cells of each */
	size_t judged;                          /* all but those of COMPARE_NONE */
	size_t rest;                            /* cells without a ratio */
	const char *reference;                  /* what they are compared with */
	/* The kernel and platform farthest from it beyond its interval; NULL: none was judged so.
	 */
	const struct compare_kernel *farthest;
};

void conclusion_make(const struct compare *compare, struct conclusion *conclusion);

/* Those lines as text, no wider than a table, with an empty line before them. */
void conclusion_print(FILE *out, const struct compare *compare);

#endif
