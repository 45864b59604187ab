/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_text.h"

#include <math.h>
#include <stdio.h>

#include "analysis/read/number.h"
#include "harness/units.h"

const char *report_text_ratio(double ratio, char text[64])
{
	text[0] = '\0';
	return isnan(ratio) ? text : number_ratio(ratio, text);
}

const char *report_text_interval(double low, double high, char text[64])
{
	char from[NUMBER_TEXT], to[NUMBER_TEXT];

	if (isnan(low))
		snprintf(text, 64, "no interval");
	else
		snprintf(text, 64, "%s to %s", number_ratio(low, from), number_ratio(high, to));
	return text;
}

const char *report_text_platform(unsigned platform, enum accel accel, char text[64])
{
	snprintf(text, 64, "%s%s", target_name(platform), accel == ACCEL_TCG ? " (emulated)" : "");
	return text;
}

const char *report_text_value(const struct summary *summary, const struct summary_row *row,
                              char text[64])
{
	if (isnan(row->median_ns))
		snprintf(text, 64, "%s", row->rounds ? "not resolved" : summary_row_status(row));
	else if (summary->samples->cells[row->cell].unit == UNIT_BANDWIDTH)
		units_rate(row->rate[SUMMARY_STREAM], 1, text);
	else
		units_ns(row->median_ns, text);
	return text;
}
