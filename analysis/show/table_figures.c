/* SPDX-License-Identifier: MIT */
#include "analysis/show/table_figures.h"

#include <math.h>
#include <string.h>

#include "analysis/decide/exit_check.h"

/* Why a column has no figure for the cell, as the number of a footnote. */
static int note_of(const struct summary *summary, const struct summary_row *row,
                   struct notes *notes, struct err *e)
{
	char text[SUMMARY_WHY_TEXT];

	return notes_add(notes,
	                 row->rounds
	                         ? "not resolved: it takes no longer than the empty loop around it"
	                         : summary_why(summary, row, text),
	                 e);
}

/* Exits that are not as many as expected, and rounds that the figure is not of, as footnotes. */
static int doubts_of(const struct summary *summary, const struct summary_row *row,
                     struct notes *notes, int doubt[2], struct err *e)
{
	char exits[EXIT_CHECK_TEXT], rounds[SUMMARY_WHY_TEXT];

	doubt[0] = doubt[1] = 0;
	if (!row || !row->rounds)
		return 0;
	if (row->exits_wrong)
		doubt[0] = notes_add(notes, exit_check_text(row, exits), e);
	if (doubt[0] >= 0 && *summary_why(summary, row, rounds))
		doubt[1] = notes_add(notes, rounds, e);
	return doubt[0] < 0 ? doubt[0] : doubt[1];
}

/* The unit in which the smallest time has at least one digit and the largest fits. */
static void scale_times(struct table_figures *f, size_t count)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
	double least = INFINITY, most = 0;
	size_t unit = 0;

	for (size_t i = 0; i < count; i++) {
		least = fmin(least, f->ns[i]);
		most = fmax(most, f->ns[i]);
	}
	while (unit < 3 && (least >= 1e4 * units[unit].ns || most >= 1e6 * units[unit].ns))
		unit++;
	f->unit = most > 0 ? units[unit].unit : "";
	for (size_t i = 0; i < count; i++)
		f->shown[i] = f->ns[i] / units[unit].ns;
}

static void scale_rates(struct table_figures *f, size_t count)
{
	double most = 0;

	for (size_t i = 0; i < count; i++)
		most = fmax(most, f->shown[i]);
	f->unit = most >= 1 ? "GB/s" : "MB/s";
	for (size_t i = 0; i < count && most < 1; i++)
		f->shown[i] *= 1e3;
}

int table_figures_cell(const struct summary *summary, const struct columns *columns, uint32_t cell,
                       bool cycles, struct notes *notes, struct table_figures *f, struct err *e)
{
	const struct samples_cell *c = &summary->samples->cells[cell];
	bool rates = c->unit == UNIT_BANDWIDTH;
	double counted[COLUMNS_MAX];
	int rc;

	cycles &= !rates;
	for (size_t i = 0; i < columns->count; i++) {
		const struct summary_row *row = columns_row(columns, i, summary, cell);

		f->ns[i] = row ? row->median_ns : NAN;
		f->shown[i] = row ? row->rate[SUMMARY_STREAM] : NAN;
		f->spread[i] = row ? 100 * row->mad_ns / row->median_ns : NAN;
		counted[i] = row ? row->counts[COUNTER_CYCLES] : NAN;
		cycles &= isnan(f->ns[i]) || !isnan(counted[i]);
		f->note[i] = 0;
		rc = doubts_of(summary, row, notes, f->doubt[i], e);
		if (rc < 0)
			return rc;
		if (row && isnan(f->ns[i])) {
			f->note[i] = note_of(summary, row, notes, e);
			if (f->note[i] < 0)
				return f->note[i];
		}
	}
	if (rates) {
		scale_rates(f, columns->count);
	} else if (cycles) {
		f->unit = "cycles";
		memcpy(f->shown, counted, sizeof(counted));
	} else {
		scale_times(f, columns->count);
	}
	return 0;
}

bool table_figures_tail(const struct summary *summary, const struct columns *columns, uint32_t cell,
                        enum summary_tail tail, struct table_figures *f)
{
	bool any = false;

	for (size_t i = 0; i < columns->count; i++) {
		const struct summary_row *row = columns_row(columns, i, summary, cell);

		f->ns[i] = row ? row->tail_ns[tail] : NAN;
		f->spread[i] = NAN;
		f->note[i] = f->doubt[i][0] = f->doubt[i][1] = 0;
		any |= !isnan(f->ns[i]);
	}
	scale_times(f, columns->count);
	return any;
}

bool table_figures_peak(const struct summary *summary, const struct columns *columns, uint32_t cell,
                        struct table_figures *f)
{
	bool any = false;

	for (size_t i = 0; i < columns->count; i++) {
		const struct summary_row *row = columns_row(columns, i, summary, cell);

		f->ns[i] = NAN;
		f->shown[i] = row ? row->percent : NAN;
		f->spread[i] = NAN;
		f->note[i] = f->doubt[i][0] = f->doubt[i][1] = 0;
		any |= !isnan(f->shown[i]);
	}
	f->unit = "%";
	return any;
}
