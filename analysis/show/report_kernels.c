/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_kernels.h"

#include <math.h>
#include <stdio.h>

#include "analysis/decide/disturbance.h"
#include "analysis/decide/exit_check.h"
#include "analysis/read/label.h"
#include "analysis/show/html.h"
#include "analysis/show/report_pictures.h"
#include "analysis/show/report_text.h"
#include "harness/text.h"
#include "harness/units.h"

/* What `row` was found to be against the reference; NULL when it is the reference. */
static const struct compare_cell *cell_of(const struct compare *c, const struct summary_row *row)
{
	size_t low = 0, high = c->cell_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c->cells[middle].row < row)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->cell_count && c->cells[low].row == row ? &c->cells[low] : NULL;
}

static void put_verdict(FILE *out, const struct compare_cell *cell)
{
	const char *name = cell && !isnan(cell->ratio) ? compare_verdict_name(cell->verdict) : "";

	fprintf(out, "<td class=\"%s\"", *name ? name : "none");
	if (cell && *cell->note) {
		fputs(" title=\"", out);
		html_text(out, cell->note);
		putc('"', out);
	}
	fprintf(out, ">%s</td>", name);
}

/* The exits of an operation; what is expected of them stands in the tip, and where they are wrong
 * both numbers stand in the cell. */
static void put_exits(FILE *out, const struct summary_row *row)
{
	char text[EXIT_CHECK_TEXT], number[32];

	if (!row->exits_wrong) {
		html_number(out, row->exits[SAMPLES_EXITS_ALL], exit_check_number(row, number));
		return;
	}
	fputs("<td class=\"slower\" title=\"", out);
	html_text(out, exit_check_text(row, text));
	if (isnan(row->exits[SAMPLES_EXITS_ALL]))
		fputs("\">wrong #VC</td>", out);
	else if (row->exits_wrong < row->rounds)
		fprintf(out, "\">%s, wrong in %u of %u rounds</td>", exit_check_number(row, number),
		        row->exits_wrong, row->rounds);
	else
		fprintf(out, "\">%s, not %.0f</td>", exit_check_number(row, number),
		        row->exits_expected);
}

/* Columns that only some kernels of some runs have. */
struct extras {
	bool exits, counts;
};

static void put_tail(FILE *out, const struct summary_row *row, enum summary_tail tail)
{
	char text[64];

	html_number(out, row->tail_ns[tail],
	            isnan(row->tail_ns[tail]) ? "" : units_ns(row->tail_ns[tail], text));
}

/* "6i/12 p99.9: 5m/12": behind the name of a percentile what can have moved that alone. */
static void put_disturbances(FILE *out, const struct summary_row *row)
{
	char text[DISTURBANCE_TEXT], all[SUMMARY_TAIL_COUNT * (DISTURBANCE_TEXT + 16)] = "";

	for (int f = 0; f < SUMMARY_TAIL_COUNT; f++) {
		const char *moved = disturbance_text(row, (enum summary_tail)f, text);

		if (*moved)
			text_add(all, sizeof(all), "%s%s%s%s", *all ? " " : "",
			         f ? summary_row_tail_name((enum summary_tail)f) : "",
			         f ? ": " : "", moved);
	}
	html_cell(out, all);
}

static void put_row(FILE *out, const struct report *r, const struct label *label,
                    const struct summary_row *row, struct extras extras)
{
	const struct summary *summary = r->compare->summary;
	const struct samples_cell *cell = &summary->samples->cells[row->cell];
	const struct compare_cell *compared = cell_of(r->compare, row);
	char text[LABEL_TEXT], short_text[64];
	double spread = 100 * row->mad_ns / row->median_ns;

	fputs("<tr>", out);
	for (int p = 0; p < LABEL_PART_COUNT; p++) {
		if (!label->varies[p])
			continue;
		label_part_text(summary->samples, cell, (enum label_part)p, text);
		if (p == LABEL_SIZE)
			html_number(out, (double)cell->key.size, text);
		else
			html_cell(out, text);
	}
	html_cell(out, report_text_platform(row->platform, row->accel, short_text));
	html_number(out, row->median_ns, report_text_value(summary, row, short_text));
	snprintf(text, sizeof(text), "%.1f %%", spread);
	html_number(out, spread, isnan(spread) ? "" : text);
	if (cell->single_shot) {
		put_tail(out, row, SUMMARY_P99);
		put_tail(out, row, SUMMARY_P999);
	}
	snprintf(short_text, sizeof(short_text), "batches of %.0f", row->batch);
	html_number(out, row->batch, row->batch > 1 ? short_text : "alone");
	html_number(out, compared ? compared->ratio : NAN,
	            compared ? report_text_ratio(compared->ratio, short_text) : "");
	html_number(out, compared ? compared->low : NAN,
	            compared ? report_text_interval(compared->low, compared->high, short_text)
	                     : "");
	put_verdict(out, compared);
	if (extras.exits)
		put_exits(out, row);
	for (int i = 0; i < COUNTER_EVENT_COUNT && extras.counts; i++) {
		snprintf(text, sizeof(text), "%.4g", row->counts[i]);
		html_number(out, row->counts[i], isnan(row->counts[i]) ? "" : text);
	}
	snprintf(text, sizeof(text), "%u", row->rounds);
	html_number(out, row->rounds, text);
	if (summary->peak.gbps > 0 && cell->unit == UNIT_BANDWIDTH) {
		snprintf(text, sizeof(text), "%.1f %%", row->percent);
		html_number(out, row->percent, isnan(row->percent) ? "" : text);
	}
	put_disturbances(out, row);
	fputs("</tr>\n", out);
}

/* Has the row a place on the page? */
static bool shown(const struct summary_row *row, size_t first, size_t count)
{
	return row->cell >= first && row->cell < first + count && row->rounds && !row->side;
}

/* What the rows of a kernel have; false when there are none. */
static bool find_extras(const struct summary *summary, size_t first, size_t count,
                        struct extras *extras)
{
	bool any = false;

	*extras = (struct extras){0};
	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (!shown(row, first, count))
			continue;
		any = true;
		extras->exits |= row->exits_wrong || !isnan(row->exits[SAMPLES_EXITS_ALL]);
		for (int k = 0; k < COUNTER_EVENT_COUNT; k++)
			extras->counts |= !isnan(row->counts[k]);
	}
	return any;
}

/* In the order of put_row(). */
static void name_columns(const struct summary *summary, const struct label *label,
                         const struct samples_cell *cell, struct extras extras, char heads[512])
{
	heads[0] = '\0';
	for (int p = 0; p < LABEL_PART_COUNT; p++)
		if (label->varies[p])
			text_add(heads, 512, "%s|", label_part_name((enum label_part)p));
	text_add(heads, 512,
	         "platform|median|MAD|%stimed|ratio|95 %% interval|verdict|%s%srounds%s|disturbed",
	         cell->single_shot ? "99th percentile|99.9th percentile|" : "",
	         extras.exits ? "exits|" : "",
	         extras.counts ? "cycles|instructions|dTLB misses|" : "",
	         summary->peak.gbps > 0 && cell->unit == UNIT_BANDWIDTH ? "|of peak" : "");
}

/* The cells `first` to `first + count - 1`, which are those of one kernel. */
static int put_kernel(FILE *out, const struct report *r, size_t first, size_t count, struct err *e)
{
	const struct summary *summary = r->compare->summary;
	const struct samples *s = summary->samples;
	const struct samples_cell *cell = &s->cells[first];
	const char *kernel = samples_text(s, cell->key.kernel);
	char common[LABEL_TEXT], caption[512], heads[512];
	struct extras extras;
	struct label label;
	int rc;

	if (!find_extras(summary, first, count, &extras))
		return 0;
	fputs("<h3>", out);
	html_text(out, kernel);
	fputs("</h3>\n", out);
	rc = report_pictures(r, cell->key.kernel, out, e);
	label_make(&label, s, first, count);
	name_columns(summary, &label, cell, extras, heads);
	label_common(&label, cell, common);
	snprintf(caption, sizeof(caption), "%s: %s%s%s", kernel,
	         cell->unit == UNIT_BANDWIDTH ? summary_row_rate_name(SUMMARY_STREAM)
	                                      : "time of one operation",
	         *common ? "; " : "", common);
	html_table(out, caption, heads);
	for (size_t i = 0; i < summary->count; i++)
		if (shown(&summary->rows[i], first, count))
			put_row(out, r, &label, &summary->rows[i], extras);
	html_table_end(out);
	return rc;
}

int report_kernels(const struct report *r, FILE *out, struct err *e)
{
	const struct samples *s = r->compare->summary->samples;
	int rc = 0;

	for (size_t i = 0, count; i < s->cell_count && !rc; i += count) {
		count = label_kernel_cells(s, i);
		rc = put_kernel(out, r, i, count, e);
	}
	return rc;
}
