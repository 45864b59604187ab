/* SPDX-License-Identifier: MIT */
#include "analysis/show/chart_data.h"

#include "analysis/read/csv_out.h"
#include "harness/result.h"

void chart_data(FILE *out, const struct chart *chart)
{
	fputs("panel,series,category,x,y,low,high\n", out);
	for (size_t p = 0; p < chart->panel_count; p++) {
		const struct chart_panel *panel = &chart->panels[p];

		for (size_t s = 0; s < panel->count; s++) {
			for (size_t i = 0; i < panel->series[s].count; i++) {
				const struct chart_point *point = &panel->series[s].points[i];

				result_put_text(out, panel->title);
				putc(',', out);
				result_put_text(out, panel->series[s].name);
				putc(',', out);
				if (point->x < (double)chart->category_count)
					result_put_text(out, chart->categories[(size_t)point->x]);
				csv_out_numbers(out,
				                (const double[]){point->x, point->y, point->low,
				                                 point->high},
				                4);
				putc('\n', out);
			}
		}
	}
}
