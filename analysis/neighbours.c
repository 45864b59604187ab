/* SPDX-License-Identifier: MIT */
#include "analysis/neighbours.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/bootstrap.h"
#include "analysis/csv_out.h"
#include "analysis/label.h"
#include "analysis/notes.h"
#include "analysis/number.h"
#include "analysis/stats.h"
#include "analysis/table.h"
#include "harness/result.h"

/* GB/s, or millions of iterations a second. */
static double rate_of(const struct samples *s, const struct samples_group *g, double ns)
{
	if (!(ns > 0))
		return NAN;
	return s->cells[g->key.cell].unit == UNIT_BANDWIDTH ? (g->read + g->written) / ns
	                                                    : 1e3 / ns;
}

/* The rate of `row` in round `round`: of the median, its loop subtracted. NaN where it has none. */
static int round_rate(const struct samples *s, const struct summary_row *row, uint32_t round,
                      double *rate, struct err *e)
{
	*rate = NAN;
	for (size_t i = 0; row && i < row->group_count && isnan(*rate); i++) {
		const struct samples_group *g = &s->groups[row->first_group + i];
		size_t room = g->series[SERIES_OP].count + g->series[SERIES_BASELINE].count;
		double *values, loop;

		if (g->key.round != round)
			continue;
		values = calloc(room + 1, sizeof(*values));
		if (!values)
			return err_set(e, ENOMEM, "no memory for the samples of a round");
		*rate = rate_of(s, g, stats_quantile(values, summary_round(g, values, &loop), 0.5));
		free(values);
	}
	return 0;
}

/* Over the rounds: `rates` the figure's own, which are reordered, `logs` of it by alone. */
static void settle(struct neighbours_share *share, double *rates, size_t rounds, const double *logs,
                   size_t alone)
{
	struct bootstrap_estimate estimate = {.freedom = (double)alone - 1};
	double squares = 0;

	*share = (struct neighbours_share){stats_median(rates, rounds), NAN, NAN, NAN};
	if (!alone)
		return;
	for (size_t i = 0; i < alone; i++)
		estimate.log_ratio += logs[i] / (double)alone;
	for (size_t i = 0; i < alone; i++)
		squares += (logs[i] - estimate.log_ratio) * (logs[i] - estimate.log_ratio);
	share->of_alone = exp(estimate.log_ratio);
	if (alone < 2)
		return;
	/* The standard error of a mean of independent rounds, and Student's t. */
	estimate.error = sqrt(squares / estimate.freedom / (double)alone);
	bootstrap_interval(&estimate, NEIGHBOURS_LEVEL, &share->low, &share->high);
}

/* A row's rounds while they are gathered: [0 .. guests - 1] of each guest, [guests] of all. */
struct gathered {
	double *rate, *log; /* [guests + 1][room] */
	double *alone;      /* [room] */
	size_t room, rounds, rounds_alone;
};

static int gather_round(const struct neighbours *n, const struct summary_row *const *rows,
                        uint32_t round, struct gathered *g, struct err *e)
{
	const struct samples *s = n->summary->samples;
	double rate, sum = 0;
	int rc;

	for (unsigned i = 0; i < n->guests; i++) {
		rc = round_rate(s, rows[i], round, &rate, e);
		if (rc || isnan(rate))
			return rc;
		g->rate[i * g->room + g->rounds] = rate;
		sum += rate;
	}
	g->rate[n->guests * g->room + g->rounds++] = sum;
	rc = round_rate(s, rows[n->guests], round, &rate, e);
	if (rc || isnan(rate))
		return rc;
	for (unsigned i = 0; i <= n->guests; i++)
		g->log[i * g->room + g->rounds_alone] =
		        log(g->rate[i * g->room + g->rounds - 1] / rate);
	g->alone[g->rounds_alone++] = rate;
	return 0;
}

static int add_row(struct neighbours *n, const struct summary_row *const *rows, struct err *e)
{
	const struct samples *s = n->summary->samples;
	struct neighbours_row row = {.first = rows[0], .alone = NAN};
	struct gathered g = {.room = rows[0]->group_count};
	int rc = 0;

	g.rate = calloc((n->guests + 1) * g.room, sizeof(*g.rate));
	g.log = calloc((n->guests + 1) * g.room, sizeof(*g.log));
	g.alone = calloc(g.room + 1, sizeof(*g.alone));
	row.share = calloc(n->guests + 1, sizeof(*row.share));
	if (!g.rate || !g.log || !g.alone || !row.share)
		rc = err_set(e, ENOMEM, "no memory for the rounds of %u guests", n->guests);
	for (size_t i = 0; i < g.room && !rc; i++)
		rc = gather_round(n, rows, s->groups[rows[0]->first_group + i].key.round, &g, e);
	if (!rc && g.rounds) {
		row.rounds = (unsigned)g.rounds;
		row.rounds_alone = (unsigned)g.rounds_alone;
		for (unsigned i = 0; i <= n->guests; i++)
			settle(&row.share[i], g.rate + i * g.room, g.rounds, g.log + i * g.room,
			       g.rounds_alone);
		if (g.rounds_alone)
			row.alone = stats_median(g.alone, g.rounds_alone);
		n->rows[n->count++] = row;
	} else {
		n->apart++;
		free(row.share);
	}
	free(g.rate);
	free(g.log);
	free(g.alone);
	return rc;
}

int neighbours_make(const struct summary *summary, unsigned guests, struct neighbours *neighbours,
                    struct err *e)
{
	const struct summary_row *rows[NEIGHBOURS_MAX + 1] = {NULL};
	int rc = 0;

	*neighbours = (struct neighbours){.summary = summary, .guests = guests};
	neighbours->rows = calloc(summary->count + 1, sizeof(*neighbours->rows));
	if (!neighbours->rows)
		return err_set(e, ENOMEM, "no memory for the cells of %u guests", guests);
	for (size_t i = 0; i < summary->count && !rc; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (row->side || !row->rounds)
			continue;
		for (unsigned g = 0; g <= guests; g++)
			rows[g] = summary_find(summary, row->cell, row->platform, row->accel,
			                       g < guests ? g : NEIGHBOURS_ALONE);
		rc = add_row(neighbours, rows, e);
	}
	if (rc)
		neighbours_free(neighbours);
	return rc;
}

void neighbours_free(struct neighbours *neighbours)
{
	for (size_t i = 0; i < neighbours->count; i++)
		free(neighbours->rows[i].share);
	free(neighbours->rows);
	*neighbours = (struct neighbours){0};
}

/* --- what is shown -----------------------------------------------------------------------------
 */

static const char *unit_of(const struct neighbours *n, const struct neighbours_row *row)
{
	return n->summary->samples->cells[row->first->cell].unit == UNIT_BANDWIDTH ? "GB/s" : "M/s";
}

/* "guest 0", "all 2" */
static const char *who(const struct neighbours *n, unsigned share, char text[24])
{
	snprintf(text, 24, share < n->guests ? "guest %u" : "all %u",
	         share < n->guests ? share : n->guests);
	return text;
}

static void print_share(FILE *out, const struct neighbours *n, const struct neighbours_row *row,
                        unsigned share)
{
	const struct neighbours_share *s = &row->share[share];
	char name[24], of_alone[NUMBER_INTERVAL_TEXT];

	fprintf(out, "  %-12s %10.4g %s", who(n, share, name), s->rate, unit_of(n, row));
	if (!isnan(s->of_alone))
		fprintf(out, "    %s", number_interval(s->of_alone, s->low, s->high, of_alone));
	putc('\n', out);
}

int neighbours_print(FILE *out, const struct neighbours *n, struct err *e)
{
	const struct samples *s = n->summary->samples;
	char text[LABEL_TEXT], said[256];

	snprintf(said, sizeof(said),
	         "What neighbours cost: %u guests at once. Rates; beside them what they are of one "
	         "guest's alone, with a %.0f %% interval over the rounds. All together would be "
	         "%u.000 if neighbours cost nothing.",
	         n->guests, NEIGHBOURS_LEVEL * 100, n->guests);
	notes_wrap(out, said, 0, 0, TABLE_WIDTH);
	for (size_t i = 0; i < n->count; i++) {
		const struct neighbours_row *row = &n->rows[i];

		snprintf(said, sizeof(said), "%s on %s%s, %u round%s",
		         label_cell(s, &s->cells[row->first->cell], text),
		         target_name(row->first->platform),
		         row->first->accel == ACCEL_TCG ? " (emulated)" : "", row->rounds,
		         row->rounds == 1 ? "" : "s");
		putc('\n', out);
		notes_wrap(out, said, 0, 4, TABLE_WIDTH);
		if (!isnan(row->alone))
			fprintf(out, "  %-12s %10.4g %s\n", "alone", row->alone, unit_of(n, row));
		for (unsigned g = 0; g <= n->guests; g++)
			print_share(out, n, row, g);
	}
	if (n->apart)
		fprintf(out, "\n%zu cells are left out: no round has them of every guest.\n",
		        n->apart);
	return ferror(out) ? err_errno(e, "cannot print what neighbours cost") : 0;
}

static void write_row(FILE *out, const struct neighbours *n, const struct neighbours_row *row,
                      const char *name, const struct neighbours_share *share)
{
	const struct samples *s = n->summary->samples;

	fprintf(out, "%d,%s,%s,", NEIGHBOURS_SCHEMA, target_name(row->first->platform),
	        accel_name(row->first->accel));
	csv_out_cell(out, s, &s->cells[row->first->cell]);
	fprintf(out, ",%u,%s,%u,", n->guests, name, row->rounds);
	csv_out_number(out, share->rate);
	putc(',', out);
	csv_out_number(out, share->of_alone);
	putc(',', out);
	csv_out_number(out, share->low);
	putc(',', out);
	csv_out_number(out, share->high);
	putc('\n', out);
}

int neighbours_write(const struct neighbours *n, const char *path, struct err *e)
{
	struct result_file file;
	int rc = result_file_open(path, &file, e);

	if (rc)
		return rc;
	fputs("schema,platform,accel," CSV_OUT_CELL ",guests,guest,rounds,rate,of_alone,low,high\n",
	      file.out);
	for (size_t i = 0; i < n->count; i++) {
		const struct neighbours_row *row = &n->rows[i];
		const struct neighbours_share alone = {row->alone, NAN, NAN, NAN};
		char name[24];

		for (unsigned g = 0; g <= n->guests; g++) {
			snprintf(name, sizeof(name), "%u", g);
			write_row(file.out, n, row, g < n->guests ? name : "all", &row->share[g]);
		}
		if (!isnan(row->alone))
			write_row(file.out, n, row, "alone", &alone);
	}
	if (ferror(file.out)) {
		rc = err_errno(e, "cannot write %s", file.partial);
		result_file_abandon(&file);
		return rc;
	}
	return result_file_commit(&file, e);
}
