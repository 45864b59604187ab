/* SPDX-License-Identifier: MIT */
#include "analysis/show/chart_way.h"

#include <math.h>

#include "analysis/show/gnuplot.h"

/* Pixels. */
#define PANEL 390
#define GAP   20
#define STEP  34   /* of a leg, which is 1 of the axis */
#define LINE  16   /* of words below the legs */
#define HEAD  40   /* the names of the lanes, above the first leg */
#define LEFT  0.6  /* of the axis, left of the first lane */
#define BARS  0.55 /* where the bars of parts begin, right of the last */
#define BAR   0.2  /* from one to the next */

/* Of a panel with the most legs, and of that with the most words below. */
static void measure(const struct chart *chart, size_t *steps, size_t *lines, size_t *bars)
{
	*steps = *lines = *bars = 0;
	for (size_t p = 0; p < chart->panel_count; p++) {
		const struct chart_panel *panel = &chart->panels[p];
		size_t below = 0, points = panel->count ? panel->series[0].count : 0;

		for (size_t i = 0; i < panel->note_count; i++)
			below += isnan(panel->notes[i].y) ? 1 : 0;
		*lines = below > *lines ? below : *lines;
		*steps = points > *steps ? points : *steps;
		*bars = panel->count > *bars ? panel->count : *bars;
	}
}

int chart_way_width(const struct chart *chart)
{
	return (int)chart->panel_count * (PANEL + GAP) + GAP;
}

int chart_way_height(const struct chart *chart)
{
	size_t steps, lines, bars;

	measure(chart, &steps, &lines, &bars);
	return HEAD + (int)steps * STEP + (int)(lines + 1) * LINE;
}

/* The colours of parts, of the palette; that of the way is black. */
static int style_of(const struct chart_panel *panel, int series)
{
	return series < 0 ? 1 : panel->series[series].style + 1;
}

static void put_lanes(FILE *out, const struct chart *chart, double steps)
{
	for (size_t i = 0; i < chart->category_count; i++) {
		fputs("set label ", out);
		gnuplot_put_text(out, chart->categories[i]);
		fprintf(out, " at %zu,-0.55 center font ',9' front\n", i);
		fprintf(out,
		        "set arrow from %zu,-0.2 to %zu,%g nohead back lc rgb '#bbbbbb' dt 3\n", i,
		        i, steps - 0.8);
	}
}

static void put_notes(FILE *out, const struct chart_panel *panel, double steps)
{
	double y = steps;

	for (size_t i = 0; i < panel->note_count; i++) {
		const struct chart_note *note = &panel->notes[i];
		bool below = isnan(note->y);

		fputs("set label ", out);
		gnuplot_put_text(out, note->text);
		fprintf(out, " at %g,%g %s font ',9' front%s\n", below ? 0.15 - LEFT : note->x,
		        below ? y : note->y, below || note->x > floor(note->x) ? "left" : "center",
		        below ? "" : " boxed");
		if (below && note->series > 0)
			fprintf(out, "set arrow from %g,%g to %g,%g nohead front ls %d lw 4 dt 1\n",
			        0.02 - LEFT, y - 0.2, 0.02 - LEFT, y + 0.2,
			        style_of(panel, note->series));
		y += below ? (double)LINE / STEP : 0;
	}
}

/* The way with an arrow a leg, and a bar for each part. `row`: of its first point in the data. */
static void put_panel(FILE *out, const struct chart *chart, const struct chart_panel *panel,
                      size_t row)
{
	const struct chart_series *way = &panel->series[0];
	double bar = (double)chart->category_count - 1 + BARS;

	for (size_t i = 0; i + 1 < way->count; i++)
		fprintf(out,
		        "set arrow from %g,%g to %g,%g head filled size screen 0.006,20 ls 1 "
		        "lw 1.4\n",
		        way->points[i].x, way->points[i].y, way->points[i + 1].x,
		        way->points[i + 1].y);
	fputs("plot ", out);
	for (size_t s = 0; s < panel->count; s++) {
		if (!panel->series[s].count)
			continue;
		fprintf(out, "'%s.csv' skip 1 every ::%zu::%zu ", chart->name, row,
		        row + panel->series[s].count - 1);
		if (!s)
			fputs("using 4:5 with points ls 1 ps 0.5 notitle, ", out);
		else
			fprintf(out,
			        "using (%g):5:(0):(1) with vectors nohead ls %d lw 5 dt 1 "
			        "notitle, ",
			        bar + BAR * (double)(s - 1), style_of(panel, (int)s));
		row += panel->series[s].count;
	}
	fputs("NaN notitle\nunset label\nunset arrow\n", out);
}

void chart_way_put(FILE *out, const struct chart *chart, int width, int height, int top)
{
	size_t steps, lines, bars, row = 0;
	double end;

	measure(chart, &steps, &lines, &bars);
	end = (double)(height - top - HEAD) / STEP;
	fprintf(out,
	        "set style textbox opaque noborder margins 1,0.5\nunset border\nunset tics\n"
	        "unset grid\nset xrange [%g:%g]\nset yrange [%g:%g]\nset bmargin at screen "
	        "0\n"
	        "set tmargin at screen %.4f\nset multiplot\n",
	        -LEFT, (double)chart->category_count - 1 + BARS + BAR * (double)bars, end,
	        -(double)HEAD / STEP, 1 - (double)top / height);
	for (size_t p = 0; p < chart->panel_count; p++) {
		const struct chart_panel *panel = &chart->panels[p];

		if (!panel->count)
			continue;
		fprintf(out, "set lmargin at screen %.4f\nset rmargin at screen %.4f\n",
		        (double)(GAP + (int)p * (PANEL + GAP)) / width,
		        (double)((int)(p + 1) * (PANEL + GAP)) / width);
		fputs("set title ", out);
		gnuplot_put_text(out, panel->title);
		fputs(" font ',11' offset 0,-0.6\n", out);
		put_lanes(out, chart, (double)panel->series[0].count);
		put_notes(out, panel, (double)steps);
		put_panel(out, chart, panel, row);
		for (size_t s = 0; s < panel->count; s++)
			row += panel->series[s].count;
	}
	fputs("unset multiplot\n", out);
}
