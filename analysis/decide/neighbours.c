/* SPDX-License-Identifier: MIT */
#include "analysis/decide/neighbours.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/bootstrap.h"
#include "analysis/decide/stats.h"
#include "analysis/read/csv_out.h"
#include "analysis/read/label.h"
#include "analysis/read/number.h"
#include "analysis/show/notes.h"
#include "analysis/show/table.h"
#include "harness/result.h"

#define ALONE_HEADING "of one alone"
#define NOSEV_HEADING "to nosev"

#define RATIO_WIDTH 22 /* "0.833 [0.820, 0.846]" and a little */

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

/* Of the logs that the rounds have of it. */
static struct neighbours_ratio ratio_of(const double *logs, size_t count)
{
	struct bootstrap_estimate estimate = {.freedom = (double)count - 1};
	struct neighbours_ratio ratio = {NAN, NAN, NAN};
	double squares = 0;

	if (!count)
		return ratio;
	for (size_t i = 0; i < count; i++)
		estimate.log_ratio += logs[i] / (double)count;
	for (size_t i = 0; i < count; i++)
		squares += (logs[i] - estimate.log_ratio) * (logs[i] - estimate.log_ratio);
	ratio.value = exp(estimate.log_ratio);
	if (count < 2)
		return ratio;
	estimate.error = sqrt(squares / estimate.freedom / (double)count);
	bootstrap_interval(&estimate, NEIGHBOURS_LEVEL, &ratio.low, &ratio.high);
	return ratio;
}

/* A row's rounds while they are gathered: [0 .. guests - 1] of each guest, [guests] of all. */
struct gathered {
	double *rate, *log;             /* [guests + 1][room] */
	double *alone;                  /* [room] */
	struct neighbours_round *round; /* [room] */
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
	g->round[g->rounds_alone].round = round;
	g->round[g->rounds_alone].log = g->log[n->guests * g->room + g->rounds_alone];
	g->alone[g->rounds_alone++] = rate;
	return 0;
}

/* What the rounds say; the rates are reordered. */
static void settle(const struct neighbours *n, struct gathered *g, struct neighbours_row *row)
{
	row->rounds = (unsigned)g->rounds;
	row->rounds_alone = (unsigned)g->rounds_alone;
	for (unsigned i = 0; i <= n->guests; i++) {
		row->share[i].rate = stats_median(g->rate + i * g->room, g->rounds);
		row->share[i].of_alone = ratio_of(g->log + i * g->room, g->rounds_alone);
	}
	row->kept = row->share[n->guests].of_alone;
	row->kept.value /= n->guests;
	row->kept.low /= n->guests;
	row->kept.high /= n->guests;
	if (g->rounds_alone)
		row->alone = stats_median(g->alone, g->rounds_alone);
}

/*
 * The row of the plain guest that the encrypted one of `row` is matched with, or NULL. It stands
 * before it: rows come in the order of their cells, and of their platforms in these.
 */
static const struct neighbours_row *find_nosev(const struct neighbours *n,
                                               const struct neighbours_row *row)
{
	const struct summary_row *first = row->first, *nosev = NULL;

	if (sev_traits(target_platform(first->platform))->memory_encrypted)
		nosev = summary_find(n->summary, first->cell, PLATFORM_NOSEV, first->accel, 0);
	for (size_t i = 0; nosev && i < n->count; i++) {
		if (n->rows[i].first == nosev)
			return &n->rows[i];
	}
	return NULL;
}

static int compare_row(const struct neighbours *n, struct neighbours_row *row, struct err *e)
{
	const struct neighbours_row *nosev = find_nosev(n, row);
	size_t count = 0;
	double *logs;

	if (!nosev)
		return 0;
	logs = calloc(row->rounds_alone + 1, sizeof(*logs));
	if (!logs)
		return err_set(e, ENOMEM, "no memory for %u rounds", row->rounds_alone);
	for (unsigned i = 0; i < row->rounds_alone; i++) {
		for (unsigned k = 0; k < nosev->rounds_alone; k++) {
			if (row->round[i].round == nosev->round[k].round)
				logs[count++] = row->round[i].log - nosev->round[k].log;
		}
	}
	row->to_nosev = ratio_of(logs, count);
	row->rounds_nosev = (unsigned)count;
	free(logs);
	return 0;
}

static int add_row(struct neighbours *n, const struct summary_row *const *rows, struct err *e)
{
	const struct samples *s = n->summary->samples;
	const struct neighbours_ratio unknown = {NAN, NAN, NAN};
	struct neighbours_row row = {.first = rows[0], .alone = NAN, .to_nosev = unknown};
	struct gathered g = {.room = rows[0]->group_count};
	int rc = 0;

	g.rate = calloc((n->guests + 1) * g.room, sizeof(*g.rate));
	g.log = calloc((n->guests + 1) * g.room, sizeof(*g.log));
	g.alone = calloc(g.room + 1, sizeof(*g.alone));
	g.round = calloc(g.room + 1, sizeof(*g.round));
	row.share = calloc(n->guests + 1, sizeof(*row.share));
	if (!g.rate || !g.log || !g.alone || !g.round || !row.share)
		rc = err_set(e, ENOMEM, "no memory for the rounds of %u guests", n->guests);
	for (size_t i = 0; i < g.room && rows[0]->rounds && !rc; i++)
		rc = gather_round(n, rows, s->groups[rows[0]->first_group + i].key.round, &g, e);
	if (!rc && g.rounds) {
		settle(n, &g, &row);
		row.round = g.round;
		rc = compare_row(n, &row, e);
	}
	if (!rc && g.rounds) {
		n->rows[n->count++] = row;
	} else {
		n->apart++;
		free(row.share);
		free(g.round);
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

		if (row->side)
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
	for (size_t i = 0; i < neighbours->count; i++) {
		free(neighbours->rows[i].share);
		free(neighbours->rows[i].round);
	}
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

/* Lines end behind their last figure. */
static void print_ratios(FILE *out, const struct neighbours_ratio *const *ratios, size_t count)
{
	char text[NUMBER_INTERVAL_TEXT];
	int blanks = 2;

	for (size_t i = 0; i < count; i++) {
		text[0] = '\0';
		if (!isnan(ratios[i]->value))
			number_interval(ratios[i]->value, ratios[i]->low, ratios[i]->high, text);
		if (*text)
			fprintf(out, "%*s%s", blanks, "", text);
		blanks = *text ? 2 + RATIO_WIDTH - (int)strlen(text) : blanks + 2 + RATIO_WIDTH;
		blanks = blanks < 2 ? 2 : blanks;
	}
	putc('\n', out);
}

static void print_share(FILE *out, const struct neighbours *n, const struct neighbours_row *row,
                        unsigned share)
{
	const struct neighbours_share *s = &row->share[share];
	const struct neighbours_ratio *ratios[] = {&s->of_alone, &row->kept, &row->to_nosev};
	char name[24];

	fprintf(out, "    %-9s %10.4g %-4s", who(n, share, name), s->rate, unit_of(n, row));
	print_ratios(out, ratios, share < n->guests ? 1 : 3);
}

static void print_row(FILE *out, const struct neighbours *n, const struct neighbours_row *row)
{
	fprintf(out, "  %s%s, %u round%s", target_name(row->first->platform),
	        row->first->accel == ACCEL_TCG ? " (emulated)" : "", row->rounds,
	        row->rounds == 1 ? "" : "s");
	if (row->rounds_alone < row->rounds)
		fprintf(out, ", %u of them with one alone", row->rounds_alone);
	putc('\n', out);
	if (!isnan(row->alone))
		fprintf(out, "    %-9s %10.4g %s\n", "alone", row->alone, unit_of(n, row));
	for (unsigned g = 0; g <= n->guests; g++)
		print_share(out, n, row, g);
}

static bool is_emulated(const struct neighbours *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (n->rows[i].first->accel == ACCEL_TCG)
			return true;
	}
	return false;
}

static bool compares_platforms(const struct neighbours *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (!isnan(n->rows[i].to_nosev.value))
			return true;
	}
	return false;
}

/* What the columns are, before the first of them. */
static void print_head(FILE *out, const struct neighbours *n, const char *share, bool compares)
{
	fprintf(out,
	        "What neighbours cost: %u guests at once beside one alone, with %.0f %% intervals "
	        "over the rounds.\n"
	        "  %-14s the rate by that of one guest alone: all have %u.000 if neighbours cost "
	        "nothing\n"
	        "  %-14s the rate of all by %u times that of one alone: then 1.000\n",
	        n->guests, NEIGHBOURS_LEVEL * 100, ALONE_HEADING, n->guests, share, n->guests);
	if (compares)
		fprintf(out,
		        "  %-14s the column before by that of nosev in the same rounds: below 1, "
		        "neighbours cost\n"
		        "  %-14s more where memory is encrypted; 1 in the interval: no difference "
		        "was seen\n",
		        NOSEV_HEADING, "");
	if (is_emulated(n))
		fprintf(out, "  %-14s by software: these are no costs of hardware\n", "(emulated)");
}

/* Cells that are in no table, and the reasons that guests gave. */
static int print_apart(FILE *out, const struct neighbours *n, struct err *e)
{
	struct notes notes = {0};
	char text[SUMMARY_WHY_TEXT];
	int rc = 0;

	if (!n->apart)
		return 0;
	fprintf(out, "\n%zu cell%s left out: no round has %s of every guest.\n", n->apart,
	        n->apart == 1 ? " is" : "s are", n->apart == 1 ? "it" : "them");
	for (size_t i = 0; i < n->summary->count && rc >= 0; i++) {
		const struct summary_row *row = &n->summary->rows[i];

		if (!row->rounds)
			rc = notes_add(&notes, summary_why(n->summary, row, text), e);
	}
	if (rc >= 0)
		notes_print(&notes, out, TABLE_WIDTH);
	notes_free(&notes);
	return rc < 0 ? rc : 0;
}

int neighbours_print(FILE *out, const struct neighbours *n, struct err *e)
{
	const struct samples *s = n->summary->samples;
	bool compares = compares_platforms(n);
	char text[LABEL_TEXT], share[32];
	int rc;

	snprintf(share, sizeof(share), "of %u alone", n->guests);
	print_head(out, n, share, compares);
	for (size_t i = 0; i < n->count; i++) {
		const struct neighbours_row *row = &n->rows[i];

		if (!i || row->first->cell != n->rows[i - 1].first->cell) {
			putc('\n', out);
			notes_wrap(out, label_cell(s, &s->cells[row->first->cell], text), 0, 4,
			           TABLE_WIDTH);
			fprintf(out, "    %-9s %10s       %-*s  %-*s%s\n", "", "rate", RATIO_WIDTH,
			        ALONE_HEADING, compares ? RATIO_WIDTH : 0, share,
			        compares ? "  " NOSEV_HEADING : "");
		}
		print_row(out, n, row);
	}
	rc = print_apart(out, n, e);
	if (rc)
		return rc;
	return ferror(out) ? err_errno(e, "cannot print what neighbours cost") : 0;
}

static void write_ratio(FILE *out, const struct neighbours_ratio *ratio)
{
	putc(',', out);
	csv_out_number(out, ratio->value);
	putc(',', out);
	csv_out_number(out, ratio->low);
	putc(',', out);
	csv_out_number(out, ratio->high);
}

/* `all`: the row is of all guests together. */
static void write_row(FILE *out, const struct neighbours *n, const struct neighbours_row *row,
                      const char *name, const struct neighbours_share *share, bool all)
{
	const struct neighbours_ratio unknown = {NAN, NAN, NAN};
	const struct samples *s = n->summary->samples;

	fprintf(out, "%d,%s,%s,", NEIGHBOURS_SCHEMA, target_name(row->first->platform),
	        accel_name(row->first->accel));
	csv_out_cell(out, s, &s->cells[row->first->cell]);
	fprintf(out, ",%u,%s,%u,", n->guests, name, row->rounds);
	csv_out_number(out, share->rate);
	write_ratio(out, &share->of_alone);
	write_ratio(out, all ? &row->kept : &unknown);
	write_ratio(out, all ? &row->to_nosev : &unknown);
	putc('\n', out);
}

int neighbours_write(const struct neighbours *n, const char *path, struct err *e)
{
	struct result_file file;
	int rc = result_file_open(path, &file, e);

	if (rc)
		return rc;
	fputs("schema,platform,accel," CSV_OUT_CELL
	      ",guests,guest,rounds,rate,of_alone,of_alone_low,of_alone_high,kept,kept_low,"
	      "kept_high,to_nosev,to_nosev_low,to_nosev_high\n",
	      file.out);
	for (size_t i = 0; i < n->count; i++) {
		const struct neighbours_row *row = &n->rows[i];
		const struct neighbours_share alone = {row->alone, {NAN, NAN, NAN}};
		char name[24];

		for (unsigned g = 0; g <= n->guests; g++) {
			snprintf(name, sizeof(name), "%u", g);
			write_row(file.out, n, row, g < n->guests ? name : "all", &row->share[g],
			          g == n->guests);
		}
		if (!isnan(row->alone))
			write_row(file.out, n, row, "alone", &alone, false);
	}
	return result_file_end(&file, 0, e);
}
