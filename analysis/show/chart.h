/* SPDX-License-Identifier: MIT */
/*
 * What a picture shows: panels of series of points, with their names. Platforms have one colour and
 * one mark each, most from the palette of M. Okabe and K. Ito (2008), which the colour-blind can
 * tell apart; marks and dashes carry the rest in print.
 */
#ifndef ANALYSIS_SHOW_CHART_H
#define ANALYSIS_SHOW_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/err.h"
#include "harness/target.h"

#define CHART_NAME 64
#define CHART_TEXT 256
#define CHART_NOTE 96

#define CHART_CATEGORIES 200 /* of a picture: beyond them nobody can read it */

enum chart_kind {
	CHART_LINES,  /* panels of lines over x */
	CHART_POINTS, /* one panel: a point and its interval for every category, along x */
	CHART_BARS,   /* one panel: a bar for every category, along x */
	CHART_STACK,  /* one panel: bars in parts; low and high are a part's ends */
	CHART_WAY     /* panels of ways from one category, a lane, to another, downwards: the first
	               * series is the way, the others are what of it is in a part, a point a leg */
};

struct chart_point {
	double x;         /* CHART_LINES: where; otherwise the number of the category */
	double y;         /* the value */
	double low, high; /* its range; NaN: none */
};

/* Of the palette, behind the platforms: for host pages of their own, and for SNP off in the host.
 */
#define CHART_ON_PAGES 3
#define CHART_SNP_OFF  3
#define CHART_STYLES   (PLATFORM_COUNT + CHART_ON_PAGES + CHART_SNP_OFF)

struct chart_series {
	char name[48]; /* as in the legend */
	int style;     /* of the palette */
	int place;     /* in the legend: target_place(), or the number of the part */
	struct chart_point *points;
	size_t count, room;
};

/* CHART_WAY: words at a place of a panel, or in a line of their own below it (NaN). */
struct chart_note {
	double x, y;
	int series; /* whose colour they have; -1: none */
	char text[CHART_NOTE];
};

struct chart_panel {
	char title[CHART_TEXT];
	struct chart_series *series;
	size_t count;
	struct chart_note *notes;
	size_t note_count;
};

struct chart_edge {
	double x;
	char name[16];
};

/* Zero-initialise, name it, add panels and points, write it (analysis/show/chart_write.h), free it.
 */
struct chart {
	enum chart_kind kind;
	char name[CHART_NAME]; /* of the files */
	char title[CHART_TEXT], subtitle[CHART_TEXT], x_label[CHART_TEXT], y_label[CHART_TEXT];
	bool sizes;            /* x is a number of bytes */
	bool log_x, log_y;     /* sizes are always logarithmic */
	bool time_x, time_y;   /* nanoseconds: logarithmic, with units at the tics */
	bool lines_only;       /* so many points that marks would cover them */
	bool emulated;         /* watermark */
	bool real;             /* has a platform that was not emulated */
	double mark_x, mark_y; /* a line across at this value; 0: none */
	struct chart_edge edges[8];
	size_t edge_count;
	struct chart_panel *panels;
	size_t panel_count;
	char (*categories)[CHART_TEXT]; /* CHART_LINES: names of x = 0, 1, 2 ... if there are any */
	size_t category_count;
	bool no_memory; /* something could not be added */
};

/* A panel at the end; NULL without memory, which the functions below take. */
struct chart_panel *chart_panel(struct chart *chart, const char *title);

/* A category at the end. */
void chart_category(struct chart *chart, const char *name);

/* The panel's series of that name, made where it is new. */
struct chart_series *chart_series(struct chart *chart, struct chart_panel *panel, const char *name,
                                  int style, int place);

/* The series of a platform: "nosev", or "nosev (emulated)", which marks the chart too. */
struct chart_series *chart_platform(struct chart *chart, struct chart_panel *panel,
                                    unsigned platform, enum accel accel);

void chart_note(struct chart *chart, struct chart_panel *panel, struct chart_note note);

void chart_add(struct chart *chart, struct chart_series *series, struct chart_point point);

/*
 * Leave out what no axis can show: values that are not finite, what is not positive where the axis
 * is logarithmic, categories beyond CHART_CATEGORIES, which the subtitle then tells.
 */
void chart_trim(struct chart *chart);

/* The largest value as a multiple of the smallest, both with their ranges, of what is positive; NaN
 * for nothing. */
double chart_spread(const struct chart *chart);

/* Is there anything in it? */
bool chart_empty(const struct chart *chart);

void chart_free(struct chart *chart);

#endif
