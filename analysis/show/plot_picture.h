/* SPDX-License-Identifier: MIT */
/* The pictures that were drawn. */
#ifndef ANALYSIS_SHOW_PLOT_PICTURE_H
#define ANALYSIS_SHOW_PLOT_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/show/chart.h"
#include "harness/folder.h"

/* A picture that was drawn. */
struct plot_picture {
	char name[CHART_NAME]; /* of its files, without .svg and .png */
	char title[CHART_TEXT];
	char text[512];  /* what it shows, for those who cannot see it */
	uint32_t kernel; /* id in samples->text; UINT32_MAX: of several kernels */
};

struct plot {
	struct plot_picture *pictures;
	size_t count;
};

/* Draw `chart`, free it and add it to `plot`; one without a point is only freed. */
int plot_picture_add(struct plot *plot, struct chart *chart, const struct folder *folder,
                     uint32_t kernel, const char *text, struct err *e);

#endif
