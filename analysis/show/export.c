/* SPDX-License-Identifier: MIT */
#include "analysis/show/export.h"

#include <math.h>

#include "analysis/read/csv_out.h"
#include "analysis/show/columns.h"
#include "harness/result.h"

static void put_header(FILE *out, const struct columns *columns)
{
	static const char *const names[] = {"median_ns", "mad_ns", "gbps", "rounds",
	                                    "ratio",     "low",    "high", "verdict"};

	fputs(CSV_OUT_CELL, out);
	for (size_t c = 0; c < columns->count; c++)
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			fprintf(out, ",%s%s_%s", target_name(columns->column[c].platform),
			        columns->column[c].accel == ACCEL_TCG ? "_tcg" : "", names[i]);
	putc('\n', out);
}

/* The fields of one platform; `found` is NULL for the reference. */
static void put_platform(FILE *out, const struct samples *s, const struct summary_row *row,
                         const struct compare_cell *found)
{
	bool rates = row && s->cells[row->cell].unit == UNIT_BANDWIDTH;
	const double before[] = {row ? row->median_ns : NAN, row ? row->mad_ns : NAN,
	                         rates ? row->rate[SUMMARY_STREAM] : NAN,
	                         row ? (double)row->rounds : (double)NAN};
	const double after[] = {found ? found->ratio : NAN, found ? found->low : NAN,
	                        found ? found->high : NAN};

	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		putc(',', out);
		csv_out_number(out, before[i]);
	}
	for (size_t i = 0; i < sizeof(after) / sizeof(*after); i++) {
		putc(',', out);
		csv_out_number(out, after[i]);
	}
	fprintf(out, ",%s",
	        found && !isnan(found->ratio) ? compare_verdict_name(found->verdict) : "");
}

int export_wide(FILE *out, const struct compare *compare, struct err *e)
{
	const struct summary *summary = compare->summary;
	const struct samples *s = summary->samples;
	const struct columns columns = columns_find(summary);
	size_t next = 0;

	put_header(out, &columns);
	for (size_t i = 0; i < s->cell_count; i++) {
		csv_out_cell(out, s, &s->cells[i]);
		for (size_t c = 0; c < columns.count; c++) {
			const struct summary_row *row =
			        columns_row(&columns, c, summary, (uint32_t)i);
			const struct compare_cell *found = NULL;

			/* Both lists are by cell, platform and accel. */
			while (next < compare->cell_count && row && compare->cells[next].row < row)
				next++;
			if (next < compare->cell_count && compare->cells[next].row == row)
				found = &compare->cells[next];
			put_platform(out, s, row, found);
		}
		putc('\n', out);
	}
	return ferror(out) ? err_errno(e, "cannot write the table") : 0;
}
