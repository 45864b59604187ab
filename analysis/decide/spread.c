/* SPDX-License-Identifier: MIT */
#include "analysis/decide/spread.h"

double spread_percent(const struct summary_row *row)
{
	return 100 * row->mad_ns / row->median_ns;
}

bool spread_no_figure(const struct summary_row *row)
{
	return spread_percent(row) > SPREAD_NO_FIGURE;
}
