/* SPDX-License-Identifier: MIT */
/*
 * What a page is made of: the results of a run and all that was found in them. A section of the
 * page is a file that takes them once, and writes what stands behind the section's heading. It
 * returns 0 or a negative errno; errors of its stream are the caller's to see (ferror).
 */
#ifndef ANALYSIS_SHOW_REPORT_RESULTS_H
#define ANALYSIS_SHOW_REPORT_RESULTS_H

#include "analysis/decide/compare.h"
#include "analysis/decide/inside.h"
#include "analysis/decide/parts.h"
#include "analysis/decide/reference.h"
#include "analysis/read/machine.h"
#include "analysis/show/plot_picture.h"

struct report {
	const struct compare *compare;
	const struct machine *machine;
	const struct reference *reference;
	const struct plot *plot;
	const struct parts *parts;
	const struct inside *inside;
	const struct folder *plots; /* the directory of the pictures */
};

#endif
