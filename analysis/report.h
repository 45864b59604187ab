/* SPDX-License-Identifier: MIT */
/* report.html: everything about a run on one page that needs nothing else, neither network nor
 * script. */
#ifndef ANALYSIS_REPORT_H
#define ANALYSIS_REPORT_H

#include "analysis/inside.h"
#include "analysis/parts.h"
#include "analysis/plot.h"
#include "analysis/reference.h"

struct report {
	const struct compare *compare;
	const struct machine *machine;
	const struct reference *reference;
	const struct plot *plot;
	const struct parts *parts;
	const struct inside *inside;
	const char *plots; /* the directory of the pictures */
};

/* Write the page as `path`, complete or not at all; one that is there already is replaced. */
int report_write(const struct report *report, const char *path, struct err *e);

#endif
