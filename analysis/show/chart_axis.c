/* SPDX-License-Identifier: MIT */
#include "analysis/show/chart_axis.h"

#include <math.h>

#include "analysis/show/gnuplot.h"
#include "harness/units.h"

#define DECADES_MOST 12 /* that have a tic each */

void chart_axis_values(const struct chart *chart, double *least, double *most)
{
	*least = INFINITY;
	*most = -INFINITY;
	for (size_t p = 0; p < chart->panel_count; p++)
		for (size_t s = 0; s < chart->panels[p].count; s++)
			for (size_t i = 0; i < chart->panels[p].series[s].count; i++) {
				const struct chart_point *point =
				        &chart->panels[p].series[s].points[i];

				*least = fmin(*least, point->y);
				if (point->low > 0 || !(chart->log_y || chart->time_y))
					*least = fmin(*least, point->low);
				*most = fmax(*most, fmax(point->y, point->high));
			}
}

static void x_range(const struct chart *chart, double *least, double *most)
{
	*least = INFINITY;
	*most = -INFINITY;
	for (size_t p = 0; p < chart->panel_count; p++)
		for (size_t s = 0; s < chart->panels[p].count; s++)
			for (size_t i = 0; i < chart->panels[p].series[s].count; i++) {
				double x = chart->panels[p].series[s].points[i].x;

				*least = fmin(*least, x);
				*most = fmax(*most, x);
			}
}

/* Powers of two at most six, between the smallest and the largest size. */
static void put_size_tics(FILE *out, double least, double most)
{
	int first = (int)ceil(log2(least) - 1e-9);
	int last = (int)fmin(floor(log2(most) + 1e-9), 63); /* as far as sizes go */
	int step = (last - first) / 6 + 1;
	char text[UNITS_TEXT];

	fputs("set xtics (", out);
	for (int power = first; power <= last; power += step)
		fprintf(out, "%s'%s' %.0f", power == first ? "" : ", ",
		        units_size(1ULL << power, text), exp2(power));
	fputs(")\n", out);
}

/* "20 us" for 20000 ns, "20" for 20. */
static void put_tic(FILE *out, double value, bool time)
{
	static const char *const units[] = {"ns", "us", "ms", "s"};
	int unit = 0;

	while (time && unit < 3 && value >= 1000 * (1 - 1e-9)) {
		value /= 1000;
		unit++;
	}
	fprintf(out, "'%g%s%s'", value, time ? " " : "", time ? units[unit] : "");
}

void chart_axis_log(FILE *out, char axis, double least, double most, bool time, double room)
{
	static const double steps[] = {1, 1.5, 2, 3, 5, 7};
	double decades = log10(most / least);
	int every = decades <= room / 2 ? 1 : decades <= room ? 2 : 6;
	int step = decades > DECADES_MOST ? (int)ceil(decades / DECADES_MOST) : 1;
	const char *separator = "";

	fprintf(out, "set logscale %c 10\nset %crange [%.9g:%.9g]\nset %ctics (", axis, axis, least,
	        most, axis);
	for (int power = (int)floor(log10(least)); power <= (int)ceil(log10(most)); power += step) {
		for (int i = 0; i < 6; i += every) {
			double value = steps[i] * exp10(power);

			if (value < least * (1 - 1e-9) || value > most * (1 + 1e-9))
				continue;
			fputs(separator, out);
			put_tic(out, value, time);
			fprintf(out, " %.9g", value);
			separator = ", ";
		}
	}
	fputs(")\n", out);
}

void chart_axis_linear(FILE *out, char axis, double least, double most)
{
	double from = fmin(0, least * 1.12), to = most > 0 ? most * 1.12 : from < 0 ? 0 : 1;

	fprintf(out, "set %crange [%.9g:%.9g]\n", axis, from, to);
}

static void put_edges(FILE *out, const struct chart *chart, double from, double to)
{
	for (size_t i = 0; i < chart->edge_count; i++) {
		const struct chart_edge *edge = &chart->edges[i];

		if (edge->x <= from || edge->x >= to)
			continue;
		fprintf(out,
		        "set arrow from %.9g, graph 0 to %.9g, graph 1 nohead back lc rgb "
		        "'#888888' "
		        "dt 3\nset label '%s' at %.9g, graph 1 right offset -0.3,-0.7 front "
		        "tc rgb '#555555' font ',9'\n",
		        edge->x, edge->x, edge->name, edge->x);
	}
}

void chart_axis_lines(FILE *out, const struct chart *chart)
{
	double least, most, from, to;

	chart_axis_values(chart, &least, &most);
	x_range(chart, &from, &to);
	if (chart->mark_y > 0) {
		least = fmin(least, chart->mark_y);
		most = fmax(most, chart->mark_y);
	}
	if (chart->sizes) {
		fprintf(out, "set logscale x 2\nset xrange [%.9g:%.9g]\n", from / 1.5, to * 1.5);
		put_size_tics(out, from, to);
		put_edges(out, chart, from / 1.5, to * 1.5);
	} else if (chart->category_count) {
		fprintf(out, "set xrange [-0.3:%g]\nset xtics (",
		        (double)chart->category_count - 0.7);
		for (size_t i = 0; i < chart->category_count; i++) {
			fputs(i ? ", " : "", out);
			gnuplot_put_text(out, chart->categories[i]);
			fprintf(out, " %zu", i);
		}
		fputs(")\n", out);
	} else if (chart->log_x || chart->time_x) {
		chart_axis_log(out, 'x', from / 1.2, to * 1.2, chart->time_x, 2.2);
	}
	if (chart->log_y || chart->time_y)
		chart_axis_log(out, 'y', least / 1.3, most * 1.5, chart->time_y, 2.2);
	else if (chart->mark_y > 0)
		fprintf(out, "set yrange [%.9g:%.9g]\n", fmin(chart->mark_y, least) * 0.98,
		        fmax(chart->mark_y, most) * 1.02);
	else
		chart_axis_linear(out, 'y', least, most);
	if (chart->mark_y > 0)
		fprintf(out,
		        "set arrow from graph 0, first %.9g to graph 1, first %.9g nohead back lc "
		        "rgb '#444444' lw 1.5\n",
		        chart->mark_y, chart->mark_y);
}
