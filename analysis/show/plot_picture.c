/* SPDX-License-Identifier: MIT */
#include "analysis/show/plot_picture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/show/chart_write.h"

int plot_picture_add(struct plot *plot, struct chart *chart, const struct folder *folder,
                     uint32_t kernel, const char *text, struct err *e)
{
	struct plot_picture *pictures;
	int rc = 0;

	chart_trim(chart);
	if (!chart->no_memory && chart_empty(chart)) {
		chart_free(chart);
		return 0;
	}
	pictures = realloc(plot->pictures, (plot->count + 1) * sizeof(*pictures));
	if (pictures) {
		plot->pictures = pictures;
		rc = chart_write(chart, folder, e);
	} else {
		rc = err_set(e, ENOMEM, "no memory for a picture");
	}
	if (!rc) {
		struct plot_picture *picture = &pictures[plot->count++];

		*picture = (struct plot_picture){.kernel = kernel};
		snprintf(picture->name, sizeof(picture->name), "%s", chart->name);
		snprintf(picture->title, sizeof(picture->title), "%s", chart->title);
		snprintf(picture->text, sizeof(picture->text), "%s%s", text,
		         !chart->emulated ? ""
		         : chart->real    ? " Partly emulated: those times are no cost of hardware."
		                          : " Emulated: these times are no cost of hardware.");
	}
	chart_free(chart);
	return rc;
}
