/* SPDX-License-Identifier: MIT */
/*
 * Pictures by gnuplot: NAME.csv (the data), NAME.gp (the script that draws it again), NAME.svg and
 * NAME.png in one directory.
 */
#ifndef ANALYSIS_SHOW_CHART_WRITE_H
#define ANALYSIS_SHOW_CHART_WRITE_H

#include "analysis/show/chart.h"
#include "harness/folder.h"

/*
 * Write the four files into `folder`, over those of an earlier drawing. -EEXIST when something
 * else is there, -ENOENT when gnuplot is not installed, -EIO when it refuses.
 */
int chart_write(const struct chart *chart, const struct folder *folder, struct err *e);

#endif
