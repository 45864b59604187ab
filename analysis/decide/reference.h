/* SPDX-License-Identifier: MIT */
/* Figures that others published, and which of our cells measures the same: analysis/reference/. */
#ifndef ANALYSIS_DECIDE_REFERENCE_H
#define ANALYSIS_DECIDE_REFERENCE_H

#include "analysis/decide/summary.h"

#define REFERENCE_TEXT 96

struct reference_figure {
	char source[REFERENCE_TEXT], date[16], machine[REFERENCE_TEXT];
	char quantity[REFERENCE_TEXT], variant[REFERENCE_TEXT], unit[32], mode[16];
	double plain, encrypted; /* NaN: not published */
	double time_ratio;       /* encrypted to plain, of times: above 1 is slower */
	/* What of ours it is matched with; kernel "" when nothing. */
	char kernel[48], cell_variant[48], pages[16];
	double size; /* NaN: any */
};

struct reference {
	struct reference_figure *figures;
	size_t count;
};

int reference_load(struct reference *reference, struct err *e);
void reference_free(struct reference *reference);

/* Our row of the same thing on `platform`, or NULL. */
const struct summary_row *reference_row(const struct reference_figure *figure,
                                        const struct summary *summary, unsigned platform);

#endif
