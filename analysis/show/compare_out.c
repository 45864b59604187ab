/* SPDX-License-Identifier: MIT */
#include "analysis/show/compare_out.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "analysis/decide/difference.h"
#include "analysis/decide/exit_check.h"
#include "analysis/read/csv_out.h"
#include "analysis/read/label.h"
#include "analysis/read/number.h"
#include "analysis/show/notes.h"
#include "analysis/show/table.h"
#include "harness/result.h"

static const char *platform_text(unsigned platform, enum accel accel, char text[32])
{
	snprintf(text, 32, "%s%s", target_name(platform), accel == ACCEL_TCG ? "*" : "");
	return text;
}

/* Of the column of platforms, whose names are longer on pages of their own or with SNP off. */
static int platform_width(const struct compare *c)
{
	char text[32];
	int width = 12;

	for (size_t i = 0; i < c->kernel_count; i++) {
		int one = (int)strlen(
		        platform_text(c->kernels[i].platform, c->kernels[i].accel, text));

		width = one + 1 > width ? one + 1 : width;
	}
	return width;
}

static void print_head(FILE *out, const struct compare *c)
{
	char text[1024], difference[DIFFERENCE_TEXT], about[DIFFERENCE_ABOUT];

	if (c->options.sides)
		snprintf(text, sizeof(text),
		         "Each platform now against itself before. A ratio of times is given: 1.10 "
		         "takes 10 %% longer than before.");
	else
		snprintf(text, sizeof(text),
		         "Each platform against %s. A ratio of times is given: 1.10 takes 10 %% "
		         "longer.",
		         target_name((unsigned)c->reference));
	notes_wrap(out, text, 0, 0, TABLE_WIDTH);
	if (!c->options.sides && *difference_text(c->summary, difference))
		notes_wrap(out, difference, 0, 0, TABLE_WIDTH);
	if (*difference_about(c->summary, about))
		notes_wrap(out, about, 0, 0, TABLE_WIDTH);
	snprintf(text, sizeof(text),
	         "In brackets its 95 %% interval, Student's t on the scatter of rounds; it is that "
	         "of the cell alone. q is the p-value after correction over all cells "
	         "(Benjamini-Hochberg). slower, faster: q is at most 0.05. same: the interval is "
	         "within %g %%. undecided: neither; more rounds may tell.",
	         c->options.margin * 100);
	notes_wrap(out, text, 0, 0, TABLE_WIDTH);
	for (size_t i = 0; i < c->cell_count; i++) {
		if (c->cells[i].verdict != COMPARE_NONE)
			continue;
		fputs("* emulated (TCG): software, and no cost of hardware. On a ratio with it no "
		      "verdict is passed.\n",
		      out);
		break;
	}
	if (*c->summary->other_linux)
		notes_wrap(out, c->summary->other_linux, 0, 0, TABLE_WIDTH);
	if (*c->summary->dear_exits)
		notes_wrap(out, c->summary->dear_exits, 0, 0, TABLE_WIDTH);
	if (*c->summary->host_snp)
		notes_wrap(out, c->summary->host_snp, 0, 0, TABLE_WIDTH);
	if (c->lost)
		fprintf(out, "%zu cell%s that %s measured before %s no result now.\n", c->lost,
		        c->lost == 1 ? "" : "s", c->lost == 1 ? "was" : "were",
		        c->lost == 1 ? "has" : "have");
}

/* In a column of fixed width. */
static void print_ratio(FILE *out, double ratio, double low, double high)
{
	char text[NUMBER_INTERVAL_TEXT];

	fprintf(out, "%-26s", number_interval(ratio, low, high, text));
}

static int print_kernels(FILE *out, const struct compare *c, struct notes *notes, struct err *e)
{
	const int width = platform_width(c);
	char text[32];

	fprintf(out, "\n%-16s %-*s%-26s %7s %7s %7s %7s %9s\n", "kernel", width, "platform",
	        "geometric mean of cells", "cells", "slower", "faster", "same", "undecided");
	for (size_t i = 0; i < c->kernel_count; i++) {
		const struct compare_kernel *k = &c->kernels[i];

		fprintf(out, "%-16.16s %-*s", samples_text(c->summary->samples, k->kernel), width,
		        platform_text(k->platform, k->accel, text));
		if (!k->cells) {
			int note = notes_add(notes, k->note, e);

			if (note < 0)
				return note;
			fprintf(out, "none comparable [%d]\n", note);
			continue;
		}
		print_ratio(out, k->ratio, k->low, k->high);
		if (k->verdicts[COMPARE_NONE]) {
			fprintf(out, " %7zu %7s\n", k->cells, "none");
			continue;
		}
		fprintf(out, " %7zu %7zu %7zu %7zu %9zu\n", k->cells, k->verdicts[COMPARE_SLOWER],
		        k->verdicts[COMPARE_FASTER], k->verdicts[COMPARE_SAME],
		        k->verdicts[COMPARE_UNDECIDED]);
	}
	return 0;
}

/* Were the exits of an operation counted anywhere? Then there is a column for them. */
static bool any_exits(const struct compare *c)
{
	for (size_t i = 0; i < c->cell_count; i++)
		if (!isnan(c->cells[i].row->exits[SAMPLES_EXITS_ALL]))
			return true;
	return false;
}

/* The footnotes on exits of either side that are not as expected: their numbers, or < 0. */
static int exits_notes(const struct compare_cell *cell, struct notes *notes, int note[2],
                       struct err *e)
{
	const struct summary_row *rows[] = {cell->row, cell->reference};
	char text[EXIT_CHECK_TEXT];

	for (int i = 0; i < 2; i++) {
		note[i] = 0;
		if (rows[i] && rows[i]->exits_wrong)
			note[i] = notes_add(notes, exit_check_text(rows[i], text), e);
		if (note[i] < 0)
			return note[i];
	}
	return 0;
}

static int print_cell(FILE *out, const struct compare *c, const struct label *label,
                      const struct compare_cell *cell, struct notes *notes, struct err *e)
{
	char text[32];
	int note = *cell->note ? notes_add(notes, cell->note, e) : 0, wrong[2];

	if (note >= 0 && exits_notes(cell, notes, wrong, e) < 0)
		note = -ENOMEM;
	if (note < 0)
		return note;
	label_print(label, &c->summary->samples->cells[cell->row->cell], out);
	fprintf(out, " %-*s", platform_width(c),
	        platform_text(cell->row->platform, cell->row->accel, text));
	print_ratio(out, cell->ratio, cell->low, cell->high);
	if (isnan(cell->q))
		fprintf(out, " %7s", "");
	else if (cell->q < 0.0001)
		fprintf(out, " %7s", "<0.0001");
	else
		fprintf(out, " %7.4f", cell->q);
	if (any_exits(c))
		fprintf(out, " %6s", exit_check_number(cell->row, text));
	fprintf(out, " %s", isnan(cell->ratio) ? "-" : compare_verdict_name(cell->verdict));
	if (note)
		fprintf(out, " [%d]", note);
	for (int i = 0; i < 2; i++)
		if (wrong[i])
			fprintf(out, " [%d]", wrong[i]);
	putc('\n', out);
	return 0;
}

static int print_cells(FILE *out, const struct compare *c, struct notes *notes, struct err *e)
{
	const struct samples *s = c->summary->samples;
	char head[LABEL_TEXT + 80], common[LABEL_TEXT];
	struct label label;

	for (size_t i = 0, end; i < c->cell_count; i = end) {
		uint32_t kernel = s->cells[c->cells[i].row->cell].key.kernel;
		size_t first = c->cells[i].row->cell;

		for (end = i; end < c->cell_count; end++)
			if (s->cells[c->cells[end].row->cell].key.kernel != kernel)
				break;
		label_make(&label, s, first, c->cells[end - 1].row->cell - first + 1);
		label_common(&label, &s->cells[first], common);
		snprintf(head, sizeof(head), "%.60s%s%s", samples_text(s, kernel),
		         *common ? ": " : "", common);
		putc('\n', out);
		notes_wrap(out, head, 0, 4, TABLE_WIDTH);
		label_head(&label, out);
		fprintf(out, " %-*s%-26s %7s%s verdict\n", platform_width(c), "platform", "ratio",
		        "q", any_exits(c) ? "  exits" : "");
		for (; i < end; i++) {
			int rc = print_cell(out, c, &label, &c->cells[i], notes, e);

			if (rc)
				return rc;
		}
	}
	return 0;
}

/* How many cells of the kernel of `first` have the same result as it on its platform: none. */
static size_t count_alike(const struct summary *summary, size_t first)
{
	const struct samples_cell *cells = summary->samples->cells;
	const struct summary_row *row = &summary->rows[first];
	size_t count = 0;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *other = &summary->rows[i];

		if (other->rounds || other->side || other->platform != row->platform ||
		    other->accel != row->accel || other->reason != row->reason ||
		    !other->failed != !row->failed ||
		    cells[other->cell].key.kernel != cells[row->cell].key.kernel)
			continue;
		if (i < first)
			return 0; /* counted there */
		count++;
	}
	return count;
}

/* What is in no line above: "mmio: 2 cells on snp [3]", the footnote says why. */
static int print_left_out(FILE *out, const struct compare *c, struct notes *notes, struct err *e)
{
	const struct summary *summary = c->summary;
	const struct samples *s = summary->samples;
	uint32_t kernel = 0;
	char text[96], platform[32];
	bool any = false;
	int column = 0;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		bool same = any && s->cells[row->cell].key.kernel == kernel;
		struct summary_why why;
		size_t count;
		int note, size;

		if (row->rounds || row->side || !summary_why(summary, row, &why))
			continue;
		count = count_alike(summary, i);
		if (!count)
			continue;
		note = notes_add_place(notes, why.what, why.place, e);
		if (note < 0)
			return note;
		if (!any)
			fputs("\nLeft out, as they have no result:", out);
		kernel = s->cells[row->cell].key.kernel;
		if (!same)
			column = fprintf(out, "\n  %-16.16s", samples_text(s, kernel)) - 1;
		if (same)
			column += fprintf(out, ",");
		size = snprintf(text, sizeof(text), " %zu cell%s on %s [%d]", count,
		                count == 1 ? "" : "s",
		                platform_text(row->platform, row->accel, platform), note);
		if (column + size > TABLE_WIDTH - 1)
			column = fprintf(out, "\n  %-16s", "") - 1;
		column += fprintf(out, "%s", text);
		any = true;
	}
	if (any)
		putc('\n', out);
	return 0;
}

int compare_out_print(FILE *out, const struct compare *compare, struct err *e)
{
	struct notes notes = {0};
	int rc;

	if (!compare->cell_count) {
		fputs("There is nothing to compare: ", out);
		fputs(compare->options.sides ? "no cell was measured on both sides.\n"
		                             : "only one platform was measured.\n",
		      out);
		if (!compare->options.sides && compare->summary->samples->source_count > 1)
			fputs("All results counted as rounds of it. --against RESULTS sets others "
			      "against them.\n",
			      out);
		return 0;
	}
	print_head(out, compare);
	rc = print_kernels(out, compare, &notes, e);
	if (!rc)
		rc = print_cells(out, compare, &notes, e);
	if (!rc)
		rc = print_left_out(out, compare, &notes, e);
	if (!rc && notes.texts.count)
		putc('\n', out);
	if (!rc)
		rc = notes_print(&notes, out, TABLE_WIDTH, e);
	notes_free(&notes);
	if (!rc && ferror(out))
		rc = err_errno(e, "cannot print the comparison");
	return rc;
}

static void put_key(FILE *out, const struct samples *s, const struct samples_cell_key *key)
{
	const uint32_t texts[] = {key->pages, key->backing, key->fill, key->params};

	result_put_text(out, samples_text(s, key->variant));
	putc(',', out);
	if (key->size)
		fprintf(out, "%" PRIu64, key->size);
	fprintf(out, ",%u", key->threads);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		putc(',', out);
		result_put_text(out, samples_text(s, texts[i]));
	}
}

static void put_numbers(FILE *out, const double *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		putc(',', out);
		csv_out_number(out, numbers[i]);
	}
}

static void put_cell(FILE *out, const struct compare *c, const struct compare_cell *cell)
{
	const struct samples *s = c->summary->samples;
	const struct samples_cell_key *key = &s->cells[cell->row->cell].key;

	fprintf(out, "%d,cell,", COMPARE_OUT_SCHEMA);
	result_put_text(out, samples_text(s, key->kernel));
	putc(',', out);
	put_key(out, s, key);
	fprintf(out, ",%s,%s,", target_name(cell->row->platform), accel_name(cell->row->accel));
	if (cell->reference)
		fprintf(out, "%s,%s", target_name(cell->reference->platform),
		        accel_name(cell->reference->accel));
	else
		putc(',', out);
	fprintf(out, ",%u,%u,%s", cell->rounds, cell->reference_rounds,
	        cell->paired ? "paired" : "apart");
	put_numbers(out, (const double[]){cell->ratio, cell->low, cell->high, cell->p, cell->q}, 5);
	fprintf(out, ",%s,", compare_verdict_name(cell->verdict));
	result_put_text(out, cell->note);
	put_numbers(
	        out,
	        (const double[]){cell->row->exits[SAMPLES_EXITS_ALL],
	                         cell->reference ? cell->reference->exits[SAMPLES_EXITS_ALL] : NAN,
	                         cell->row->exits_expected},
	        3);
	fprintf(out, ",%s", exit_check_word(cell->row));
	put_numbers(out, &cell->samples_share, 1);
	putc('\n', out);
}

int compare_out_write(const struct compare *compare, const char *path, bool force, struct err *e)
{
	struct result_file file;
	int rc = result_file_replace(path, force, &file, e);

	if (rc)
		return rc;
	fputs("schema,what,kernel,variant,size,threads,pages,backing,fill,params,platform,accel,"
	      "reference,reference_accel,rounds,reference_rounds,pairing,ratio,low,high,p,q,"
	      "verdict,note,exits,reference_exits,exits_expected,exits_check,samples_share\n",
	      file.out);
	for (size_t i = 0; i < compare->cell_count; i++)
		put_cell(file.out, compare, &compare->cells[i]);
	for (size_t i = 0; i < compare->kernel_count; i++) {
		const struct compare_kernel *k = &compare->kernels[i];

		fprintf(file.out, "%d,kernel,", COMPARE_OUT_SCHEMA);
		result_put_text(file.out, samples_text(compare->summary->samples, k->kernel));
		fprintf(file.out, ",,,,,,,,%s,%s,%s,,,,", target_name(k->platform),
		        accel_name(k->accel),
		        compare->reference < 0 ? "" : target_name((unsigned)compare->reference));
		put_numbers(file.out, (const double[]){k->ratio, k->low, k->high}, 3);
		fputs(",,,,", file.out);
		result_put_text(file.out, k->note);
		fputs(",,,,,\n", file.out);
	}
	return result_file_end(&file, 0, e);
}
