/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_pictures.h"

#include "analysis/show/html.h"

int report_pictures(const struct report *r, uint32_t kernel, FILE *out, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < r->plot->count && !rc; i++) {
		const struct plot_picture *p = &r->plot->pictures[i];
		char name[CHART_NAME + 8];

		if (p->kernel != kernel)
			continue;
		snprintf(name, sizeof(name), "%s.svg", p->name);
		rc = html_picture(out, r->plots, name, p->title, p->text, e);
	}
	return rc;
}

int report_pictures_overview(const struct report *r, FILE *out, struct err *e)
{
	return report_pictures(r, UINT32_MAX, out, e);
}
