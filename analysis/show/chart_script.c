/* SPDX-License-Identifier: MIT */
#include "analysis/show/chart_script.h"

#include <math.h>
#include <string.h>

#include "analysis/show/chart_axis.h"
#include "analysis/show/chart_way.h"
#include "analysis/show/gnuplot.h"

/* The platforms, in the order of enum platform, those on host pages of their own, and those with
 * SNP off in the host. Okabe and Ito have eight; the last platforms, of which no run has all, and
 * the last of all have others.
 */
static const struct {
	const char *colour;
	int mark, dash;
} styles[CHART_STYLES] = {
        {"#000000", 7, 1},  {"#0072B2", 5, 1},  {"#E69F00", 9, 2}, {"#009E73", 13, 4},
        {"#D55E00", 11, 5}, {"#882255", 15, 2}, {"#999933", 3, 4}, {"#888888", 2, 5},
        {"#56B4E9", 4, 1},  {"#CC79A7", 6, 1},  {"#F0E442", 8, 1}, {"#AAAAAA", 6, 3},
        {"#6A3D9A", 4, 3},  {"#B15928", 8, 3},
};

/* Pixels. */
struct layout {
	int width, height;
	int columns, rows;
	int left, right, top, bottom; /* margins */
	int gap_x, gap_y;             /* between panels */
};

static size_t longest_category(const struct chart *chart)
{
	size_t longest = 0;

	for (size_t i = 0; i < chart->category_count; i++)
		if (strlen(chart->categories[i]) > longest)
			longest = strlen(chart->categories[i]);
	return longest;
}

static struct layout make_layout(const struct chart *chart)
{
	int panels = (int)chart->panel_count;
	struct layout l = {.left = chart->time_y ? 95 : 75,
	                   .right = 40,
	                   .top = *chart->subtitle ? 75 : 50,
	                   .bottom = 95,
	                   .gap_x = chart->time_x   ? 75
	                            : chart->time_y ? 65
	                                            : 55,
	                   .gap_y = 60};

	if (chart->kind == CHART_WAY) {
		l.width = chart_way_width(chart);
		l.height = l.top + chart_way_height(chart);
		return l;
	}
	if (chart->kind != CHART_LINES) {
		size_t series = chart->kind == CHART_STACK ? 1 : chart->panels[0].count;

		l.columns = l.rows = 1;
		l.left = 30 + (int)longest_category(chart) * 8;
		l.width = l.left + 560;
		l.height = l.top + l.bottom + (int)chart->category_count * (int)(14 + 10 * series);
		return l;
	}
	l.columns = panels == 1 ? 1 : panels == 2 || panels == 4 ? 2 : 3;
	l.rows = (panels + l.columns - 1) / l.columns;
	l.width = l.columns == 1 ? 760 : l.columns * 350;
	l.height = l.top + l.bottom + l.rows * (l.rows == 1 ? 300 : 200) + (l.rows - 1) * l.gap_y;
	return l;
}

/* `count` rows of the data, behind its header. */
static void put_rows(FILE *out, const struct chart *chart, size_t first, size_t count)
{
	fprintf(out, "'%s.csv' skip 1 every ::%zu::%zu ", chart->name, first, first + count - 1);
}

static void put_lines(FILE *out, const struct chart *chart, const struct layout *l)
{
	size_t row = 0;
	const char *with = chart->lines_only ? "lines" : "linespoints";

	chart_axis_lines(out, chart);
	fprintf(out,
	        "set multiplot layout %d,%d margins screen %.4f,%.4f,%.4f,%.4f spacing screen "
	        "%.4f,%.4f\n",
	        l->rows, l->columns, (double)l->left / l->width, 1 - (double)l->right / l->width,
	        (double)l->bottom / l->height, 1 - (double)l->top / l->height,
	        (double)l->gap_x / l->width, (double)l->gap_y / l->height);
	for (size_t p = 0; p < chart->panel_count; p++) {
		const struct chart_panel *panel = &chart->panels[p];

		fputs("set title ", out);
		gnuplot_put_text(out, panel->title);
		fputs(" offset 0,-0.6\nplot ", out);
		for (size_t s = 0; s < panel->count; s++) {
			const struct chart_series *series = &panel->series[s];

			if (!series->count)
				continue;
			if (!chart->lines_only) {
				put_rows(out, chart, row, series->count);
				fprintf(out,
				        "using 4:5:6:7 with yerrorbars ls %d pt 0 dt 1 notitle, ",
				        series->style + 1);
			}
			put_rows(out, chart, row, series->count);
			fprintf(out, "using 4:5 with %s ls %d notitle, ", with, series->style + 1);
			row += series->count;
		}
		fputs("NaN notitle\n", out);
		if (!p)
			fputs("unset label 95\nunset label 96\nunset label 97\nunset label 98\n"
			      "unset label 99\n",
			      out);
	}
}

/* Categories from top to bottom, the series of one below one another. */
static void put_bars(FILE *out, const struct chart *chart, const struct layout *l)
{
	const struct chart_panel *panel = &chart->panels[0];
	bool stack = chart->kind == CHART_STACK;
	double slot = stack ? 1 : (double)panel->count, least, most;
	char start[32] = "0";
	size_t row = 0;

	chart_axis_values(chart, &least, &most);
	if (chart->log_x || chart->time_x)
		snprintf(start, sizeof(start), "%.9g", least / 1.5);
	fprintf(out,
	        "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
	        "set bmargin at screen %.4f\nset tmargin at screen %.4f\n",
	        (double)l->left / l->width, 1 - (double)l->right / l->width,
	        (double)l->bottom / l->height, 1 - (double)l->top / l->height);
	fprintf(out, "set yrange [%g:0.7]\nset ytics scale 0 (",
	        -(double)chart->category_count + 0.3);
	for (size_t i = 0; i < chart->category_count; i++) {
		fputs(i ? ", " : "", out);
		gnuplot_put_text(out, chart->categories[i]);
		fprintf(out, " %d", -(int)i);
	}
	fputs(")\n", out);
	if (chart->log_x || chart->time_x)
		chart_axis_log(out, 'x', least / 1.5, most * 1.5, chart->time_x, 3.2);
	else
		chart_axis_linear(out, 'x', least, most);
	if (chart->mark_x > 0)
		fprintf(out,
		        "set arrow from %.9g, graph 0 to %.9g, graph 1 nohead back lc rgb "
		        "'#444444' lw 1.5\n",
		        chart->mark_x, chart->mark_x);
	fputs("set multiplot\nplot ", out);
	for (size_t s = 0; s < panel->count; s++) {
		const struct chart_series *series = &panel->series[s];
		double half = 0.36 / slot;
		double place = stack ? 0 : 0.36 - half * (2 * (double)s + 1);

		if (!series->count)
			continue;
		put_rows(out, chart, row, series->count);
		if (chart->kind == CHART_POINTS) {
			fprintf(out,
			        "using 5:(-$4%+.4f):6:7 with xerrorbars ls %d pt 0 dt 1 notitle, ",
			        place, series->style + 1);
			put_rows(out, chart, row, series->count);
			fprintf(out, "using 5:(-$4%+.4f) with points ls %d ps 1.1 notitle, ", place,
			        series->style + 1);
		} else {
			fprintf(out,
			        "using 5:(-$4):(%s):(%s):(-$4%+.4f):(-$4%+.4f) with boxxyerror "
			        "ls %d dt 1 fs solid 0.85 border lc rgb '#222222' notitle, ",
			        stack ? "$6" : start, stack ? "$7" : "$5", place - half * 0.9,
			        place + half * 0.9, series->style + 1);
		}
		row += series->count;
	}
	fputs("NaN notitle\n", out);
}

static bool listed(const struct chart_series *const found[], size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(found[i]->name, name))
			return true;
	return false;
}

/* Every series once, in order, whatever panels it is in. */
static size_t legend(const struct chart *chart, const struct chart_series *found[], size_t room)
{
	size_t count = 0;

	for (size_t p = 0; p < chart->panel_count; p++)
		for (size_t s = 0; s < chart->panels[p].count; s++) {
			const struct chart_series *series = &chart->panels[p].series[s];
			size_t i;

			if (!series->count || count == room || listed(found, count, series->name))
				continue;
			for (i = count++; i && found[i - 1]->place > series->place; i--)
				found[i] = found[i - 1];
			found[i] = series;
		}
	return count;
}

/* How a legend shows a series. */
static const char *legend_style(const struct chart *chart)
{
	if (chart->kind == CHART_LINES)
		return chart->lines_only ? "lines" : "linespoints";
	return chart->kind == CHART_POINTS ? "points" : "boxes";
}

/* A last plot of nothing but the legend, as wide as the picture: it covers no data. */
static void put_legend(FILE *out, const struct chart *chart, const struct layout *l)
{
	const struct chart_series *found[CHART_STYLES];
	size_t count = legend(chart, found, CHART_STYLES);

	fprintf(out,
	        "unset title\nunset arrow\nunset label\nunset border\nunset xtics\nunset ytics\n"
	        "unset grid\nunset logscale\nset lmargin at screen 0.01\nset rmargin at screen "
	        "0.99\n"
	        "set bmargin at screen 0\nset tmargin at screen 0.9\n"
	        "set key at screen 0.5,%.4f center center horizontal samplen 2.5\n"
	        "set xrange [0:1]\nset yrange [0:1]\nplot ",
	        22.0 / l->height);
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "keyentry with %s ls %d%s title ", legend_style(chart),
		        found[i]->style + 1,
		        chart->kind == CHART_BARS || chart->kind == CHART_STACK
		                ? " dt 1 fs solid 0.85 border lc rgb '#222222'"
		                : "");
		gnuplot_put_text(out, found[i]->name);
		fputs(", ", out);
	}
	/* gnuplot refuses a legend alone: findings/gnuplot-legend-alone.sh. */
	fputs("NaN notitle\nunset multiplot\n", out);
}

static void put_body(FILE *out, const struct chart *chart, const struct layout *l)
{
	fputs("reset\nset encoding utf8\nset datafile separator ','\nset datafile missing ''\n"
	      "set datafile commentschars ''\n",
	      out);
	for (int i = 0; i < CHART_STYLES; i++)
		fprintf(out, "set style line %d lc rgb '%s' pt %d ps 0.7 lw 1.6 dt %d\n", i + 1,
		        styles[i].colour, styles[i].mark, styles[i].dash);
	fputs("set grid xtics ytics lc rgb '#dddddd' lt 1 lw 0.6\nset border lc rgb '#444444'\n"
	      "set tics nomirror\nunset key\n",
	      out);
	fputs("set label 97 ", out);
	gnuplot_put_text(out, chart->title);
	fprintf(out, " at screen 0.5,%.4f center font ',15' front\n", 1 - 16.0 / l->height);
	fputs("set label 95 ", out);
	gnuplot_put_text(out, chart->subtitle);
	fprintf(out, " at screen 0.5,%.4f center font ',10' tc rgb '#555555' front\n",
	        1 - 38.0 / l->height);
	fputs("set label 98 ", out);
	gnuplot_put_text(out, chart->x_label);
	fprintf(out, " at screen 0.5,%.4f center front\n", 50.0 / l->height);
	if (chart->kind == CHART_LINES) {
		fputs("set label 96 ", out);
		gnuplot_put_text(out, chart->y_label);
		fprintf(out, " at screen %.4f,0.5 center rotate by 90 front\n", 18.0 / l->width);
	}
	if (chart->emulated)
		fprintf(out,
		        "set label 99 'emulated' at screen 0.5,0.5 center rotate by %d font ',%d' "
		        "back tc rgb '#dddddd'\n",
		        l->height < 350 ? 0 : 20, l->height < 350 ? 40 : 64);
	if (chart->kind == CHART_WAY) {
		chart_way_put(out, chart, l->width, l->height, l->top);
	} else {
		if (chart->kind == CHART_LINES)
			put_lines(out, chart, l);
		else
			put_bars(out, chart, l);
		put_legend(out, chart, l);
	}
	fputs("unset output\n", out);
}

void chart_script(FILE *out, const struct chart *chart)
{
	struct layout l = make_layout(chart);

	fprintf(out, CHART_SCRIPT_MARK "\n", chart->name);
	fprintf(out,
	        "set terminal svg noenhanced size %d,%d dynamic background '#ffffff' font "
	        "'DejaVu Sans,12'\nset output '%s.svg'\n",
	        l.width, l.height, chart->name);
	put_body(out, chart, &l);
	fprintf(out,
	        "set terminal pngcairo noenhanced size %d,%d background '#ffffff' font "
	        "'DejaVu Sans,10'\nset output '%s.png'\n",
	        l.width, l.height, chart->name);
	put_body(out, chart, &l);
}
