/* SPDX-License-Identifier: MIT */
#include "analysis/show/neighbours_out.h"

#include <math.h>
#include <string.h>

#include "analysis/read/csv_out.h"
#include "analysis/read/label.h"
#include "analysis/read/number.h"
#include "analysis/show/notes.h"
#include "analysis/show/table.h"
#include "harness/result.h"
#include "harness/text.h"

#define ALONE_HEADING "of one alone"
#define NOSEV_HEADING "to nosev"

#define WHY_TEXT    384 /* the modes of two ratios */
#define RATIO_WIDTH 22  /* "0.833 [0.820, 0.846]" and a little */

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

/* Why a ratio of a share has no interval, and that to nosev: both, or "". */
static const char *why_none(const struct neighbours *n, const struct neighbours_row *row,
                            unsigned share, char text[WHY_TEXT])
{
	const struct modes_found *found[] = {&row->share[share].of_alone.modes,
	                                     &row->to_nosev.modes};
	char part[MODES_TEXT], whose[40], name[24], unit[8];

	text[0] = '\0';
	for (unsigned i = 0; i < (share < n->guests ? 1U : 2U); i++) {
		const char *of = found[i]->of == MODES_OF_B ? (i ? target_name(row->first->platform)
		                                                 : who(n, share, name))
		                 : i                        ? target_name(PLATFORM_NOSEV)
		                                            : "one alone";

		if (!found[i]->of)
			continue;
		snprintf(unit, sizeof(unit), " %s", unit_of(n, row));
		snprintf(whose, sizeof(whose), " of %s", of);
		if (found[i]->of == MODES_OF_BOTH)
			whose[0] = '\0';
		modes_text(found[i], whose, i || found[i]->of == MODES_OF_BOTH ? "" : unit, part);
		text_add(text, WHY_TEXT, "%s%s%s", *text ? "; " : "", i ? "to nosev: " : "", part);
	}
	return text;
}

static void print_share(FILE *out, const struct neighbours *n, const struct neighbours_row *row,
                        unsigned share)
{
	const struct neighbours_share *s = &row->share[share];
	const struct neighbours_ratio *ratios[] = {&s->of_alone, &row->kept, &row->to_nosev};
	char name[24], why[WHY_TEXT];

	fprintf(out, "    %-9s %10.4g %-4s", who(n, share, name), s->rate, unit_of(n, row));
	print_ratios(out, ratios, share < n->guests ? 1 : 3);
	if (*why_none(n, row, share, why)) {
		fprintf(out, "%14s", "");
		notes_wrap(out, why, 14, 14, TABLE_WIDTH);
	}
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
	struct summary_why why;
	int rc = 0;

	if (!n->apart)
		return 0;
	fprintf(out, "\n%zu cell%s left out: no round has %s of every guest.\n", n->apart,
	        n->apart == 1 ? " is" : "s are", n->apart == 1 ? "it" : "them");
	for (size_t i = 0; i < n->summary->count && rc >= 0; i++) {
		const struct summary_row *row = &n->summary->rows[i];

		if (!row->rounds && summary_why(n->summary, row, &why))
			rc = notes_add_place(&notes, why.what, why.place, e);
	}
	if (rc >= 0)
		rc = notes_print(&notes, out, TABLE_WIDTH, e);
	notes_free(&notes);
	return rc < 0 ? rc : 0;
}

int neighbours_out_print(FILE *out, const struct neighbours *n, struct err *e)
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
	csv_out_numbers(out, (const double[]){ratio->value, ratio->low, ratio->high}, 3);
}

/* `all`: the row is of all guests together. */
static void write_row(FILE *out, const struct neighbours *n, const struct neighbours_row *row,
                      const char *name, const struct neighbours_share *share, bool all,
                      const char *why)
{
	const struct neighbours_ratio unknown = {.value = NAN, .low = NAN, .high = NAN};
	const struct samples *s = n->summary->samples;

	fprintf(out, "%d,%s,%s,", NEIGHBOURS_OUT_SCHEMA, target_name(row->first->platform),
	        accel_name(row->first->accel));
	csv_out_cell(out, s, &s->cells[row->first->cell]);
	fprintf(out, ",%u,%s,%u,", n->guests, name, row->rounds);
	csv_out_number(out, share->rate);
	write_ratio(out, &share->of_alone);
	write_ratio(out, all ? &row->kept : &unknown);
	write_ratio(out, all ? &row->to_nosev : &unknown);
	putc(',', out);
	result_put_text(out, why);
	putc('\n', out);
}

int neighbours_out_write(const struct neighbours *n, const char *path, bool force, struct err *e)
{
	struct result_file file;
	int rc = result_file_replace(path, force, &file, e);

	if (rc)
		return rc;
	fputs("schema,platform,accel," CSV_OUT_CELL
	      ",guests,guest,rounds,rate,of_alone,of_alone_low,of_alone_high,kept,kept_low,"
	      "kept_high,to_nosev,to_nosev_low,to_nosev_high,note\n",
	      file.out);
	for (size_t i = 0; i < n->count; i++) {
		const struct neighbours_row *row = &n->rows[i];
		const struct neighbours_share alone = {row->alone,
		                                       {.value = NAN, .low = NAN, .high = NAN}};
		char name[24], why[WHY_TEXT];

		for (unsigned g = 0; g <= n->guests; g++) {
			snprintf(name, sizeof(name), "%u", g);
			write_row(file.out, n, row, g < n->guests ? name : "all", &row->share[g],
			          g == n->guests, why_none(n, row, g, why));
		}
		if (!isnan(row->alone))
			write_row(file.out, n, row, "alone", &alone, false, "");
	}
	return result_file_end(&file, 0, e);
}
