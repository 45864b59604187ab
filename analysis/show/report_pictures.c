/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_pictures.h"

#include <errno.h>
#include <stdlib.h>

#include "analysis/show/html.h"

int report_pictures(const struct report *r, uint32_t kernel, FILE *out, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < r->plot->count && !rc; i++) {
		const struct plot_picture *p = &r->plot->pictures[i];
		char *path;

		if (p->kernel != kernel)
			continue;
		if (asprintf(&path, "%s/%s.svg", r->plots, p->name) < 0)
			return err_set(e, ENOMEM, "no memory for the name of a picture");
		rc = html_picture(out, path, p->title, p->text, e);
		free(path);
	}
	return rc;
}

int report_pictures_overview(const struct report *r, FILE *out, struct err *e)
{
	return report_pictures(r, UINT32_MAX, out, e);
}
