/* SPDX-License-Identifier: MIT */
#include "analysis/show/compare_out.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/difference.h"
#include "analysis/decide/exit_check.h"
#include "analysis/decide/power.h"
#include "analysis/decide/reach.h"
#include "analysis/read/csv_out.h"
#include "analysis/read/label.h"
#include "analysis/read/number.h"
#include "analysis/show/notes.h"
#include "analysis/show/table.h"
#include "harness/result.h"
#include "harness/text.h"

#define RATIO_WIDTH 26 /* at least */
#define NAME_WIDTH  16 /* of a kernel */

/* What a page is printed with. */
struct page {
	FILE *out;
	const struct compare *compare;
	struct notes notes;
	int platform_width, ratio_width;
	bool exits; /* were they counted anywhere? Then there is a column for them */
};

static const char *platform_text(unsigned platform, enum accel accel, char text[32])
{
	snprintf(text, 32, "%s%s", target_name(platform), accel == ACCEL_TCG ? "*" : "");
	return text;
}

/* As much of a name as the column has room for, and a mark where that is not all of it. */
static const char *cut(const char *name, int room, char text[LABEL_TEXT])
{
	bool fits = strlen(name) <= (size_t)room;

	snprintf(text, LABEL_TEXT, "%.*s%s", fits ? room : room - 3, name, fits ? "" : "...");
	return text;
}

static int widest(int width, const char *text)
{
	return (int)strlen(text) > width ? (int)strlen(text) : width;
}

/* Names of platforms are longer on pages of their own or with SNP off, ratios far from 1. */
static struct page make_page(FILE *out, const struct compare *c)
{
	struct page page = {
	        .out = out, .compare = c, .platform_width = 11, .ratio_width = RATIO_WIDTH};
	char text[NUMBER_INTERVAL_TEXT], name[32];

	for (size_t i = 0; i < c->kernel_count; i++) {
		const struct compare_kernel *k = &c->kernels[i];

		page.platform_width =
		        widest(page.platform_width, platform_text(k->platform, k->accel, name));
		page.ratio_width =
		        widest(page.ratio_width, number_interval(k->ratio, k->low, k->high, text));
	}
	for (size_t i = 0; i < c->cell_count; i++) {
		const struct compare_cell *cell = &c->cells[i];

		page.ratio_width = widest(page.ratio_width, number_interval(cell->ratio, cell->low,
		                                                            cell->high, text));
		page.exits |= !isnan(cell->row->exits[SAMPLES_EXITS_ALL]);
	}
	return page;
}

/* From how many rounds the cells are, and how. */
static void print_rounds(FILE *out, const struct compare *c)
{
	unsigned least = UINT_MAX, most = 0, paired = 0, cells = 0;
	char text[192], range[32];

	for (size_t i = 0; i < c->cell_count; i++) {
		const struct compare_cell *cell = &c->cells[i];
		unsigned smaller = cell->rounds < cell->reference_rounds ? cell->rounds
		                                                         : cell->reference_rounds;

		if (isnan(cell->ratio))
			continue;
		least = smaller < least ? smaller : least;
		most = smaller > most ? smaller : most;
		paired += cell->paired;
		cells++;
	}
	if (!cells)
		return;
	snprintf(range, sizeof(range), least < most ? "%u to %u" : "%u", least, most);
	snprintf(
	        text, sizeof(text),
	        "Rounds of a cell, of the side that has fewer: %s. In %u of %u cells they were the "
	        "same on both, and are compared one by one.",
	        range, paired, cells);
	notes_wrap(out, text, 0, 0, TABLE_WIDTH);
}

/* With sides: what a difference between them holds, and what not. */
static void print_runs(FILE *out, const struct compare *c)
{
	unsigned least = UINT_MAX, least_before = UINT_MAX, alone = 0;
	char text[512] = "";

	for (size_t i = 0; i < c->cell_count; i++) {
		const struct compare_cell *cell = &c->cells[i];

		if (isnan(cell->ratio))
			continue;
		alone += !cell->runs ? 1 : 0;
		if (!cell->runs)
			continue;
		least = cell->runs < least ? cell->runs : least;
		least_before =
		        cell->reference_runs < least_before ? cell->reference_runs : least_before;
	}
	if (least < UINT_MAX)
		snprintf(text, sizeof(text),
		         "Runs are what scatters: at least %u now and %u before of a cell, each by "
		         "the mean of its rounds. ",
		         least, least_before);
	if (alone)
		text_add(
		        text, sizeof(text),
		        "%u cell%s of one run a side: what differs from run to run with nothing "
		        "changed (a boot of the host, a build, where memory lies) is in no "
		        "interval of %s. Several runs on both sides show it: RESULTS and --against "
		        "may each be given more than once.",
		        alone, alone == 1 ? " is" : "s are", alone == 1 ? "it" : "them");
	if (*text)
		notes_wrap(out, text, 0, 0, TABLE_WIDTH);
}

static void print_head(FILE *out, const struct compare *c)
{
	char text[1024], difference[DIFFERENCE_TEXT], about[DIFFERENCE_ABOUT];
	struct reach reach;

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
	if (*c->summary->unlike)
		notes_wrap(out, c->summary->unlike, 0, 0, TABLE_WIDTH);
	if (!c->options.sides && *difference_text(c->summary, difference))
		notes_wrap(out, difference, 0, 0, TABLE_WIDTH);
	if (*difference_about(c->summary, about))
		notes_wrap(out, about, 0, 0, TABLE_WIDTH);
	snprintf(
	        text, sizeof(text),
	        "In brackets its 95 %% interval, Student's t on the scatter of rounds: of the cell "
	        "alone, not corrected for many. q is the p-value corrected over all cells that "
	        "are not the same (Benjamini-Hochberg). same: the interval is within %g %%. "
	        "slower, "
	        "faster: q is at most 0.05. finds: the least difference that the rounds would "
	        "have found with power %g %%, of the cell alone. undecided: neither; more of what "
	        "stands beside it may tell: runs, rounds, or samples in a round. none: no verdict "
	        "is passed.",
	        c->options.margin * 100, POWER_USUAL * 100);
	notes_wrap(out, text, 0, 0, TABLE_WIDTH);
	print_rounds(out, c);
	if (c->options.sides)
		print_runs(out, c);
	reach = reach_make(c);
	if (*reach_text(&reach, text))
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
	if (*c->summary->attested)
		notes_wrap(out, c->summary->attested, 0, 0, TABLE_WIDTH);
	if (*c->summary->dear_exits)
		notes_wrap(out, c->summary->dear_exits, 0, 0, TABLE_WIDTH);
	if (*c->summary->host_snp)
		notes_wrap(out, c->summary->host_snp, 0, 0, TABLE_WIDTH);
	if (c->lost)
		fprintf(out, "%zu cell%s that %s measured before %s no result now.\n", c->lost,
		        c->lost == 1 ? "" : "s", c->lost == 1 ? "was" : "were",
		        c->lost == 1 ? "has" : "have");
}

static void print_ratio(const struct page *p, double ratio, double low, double high)
{
	char text[NUMBER_INTERVAL_TEXT];

	fprintf(p->out, "%-*s", p->ratio_width, number_interval(ratio, low, high, text));
}

static int print_kernel(struct page *p, const struct compare_kernel *k, struct err *e)
{
	char text[32], name[LABEL_TEXT];
	int note;

	fprintf(p->out, "%-*s %-*s ", NAME_WIDTH,
	        cut(samples_text(p->compare->summary->samples, k->kernel), NAME_WIDTH, name),
	        p->platform_width, platform_text(k->platform, k->accel, text));
	if (!k->cells) {
		note = notes_add(&p->notes, k->note, e);
		if (note < 0)
			return note;
		fprintf(p->out, "none comparable [%d]\n", note);
		return 0;
	}
	print_ratio(p, k->ratio, k->low, k->high);
	if (k->verdicts[COMPARE_NONE])
		fprintf(p->out, " %7zu %7s\n", k->cells, "none");
	else
		fprintf(p->out, " %7zu %7zu %7zu %7zu %9zu\n", k->cells,
		        k->verdicts[COMPARE_SLOWER], k->verdicts[COMPARE_FASTER],
		        k->verdicts[COMPARE_SAME], k->verdicts[COMPARE_UNDECIDED]);
	return 0;
}

static int print_kernels(struct page *p, struct err *e)
{
	int rc = 0;

	fprintf(p->out, "\n%-*s %-*s %-*s %7s %7s %7s %7s %9s\n", NAME_WIDTH, "kernel",
	        p->platform_width, "platform", p->ratio_width, "geometric mean of cells", "cells",
	        "slower", "faster", "same", "undecided");
	for (size_t i = 0; i < p->compare->kernel_count && !rc; i++)
		rc = print_kernel(p, &p->compare->kernels[i], e);
	return rc;
}

/* The footnotes of a cell: 0 for those that it has not. */
#define CELL_NOTES 5

/* What there is to say of one side: rounds without a result, and exits that are not as expected. */
static int side_notes(struct page *p, const struct summary_row *row, int note[2], struct err *e)
{
	char text[EXIT_CHECK_TEXT];
	struct summary_why why;

	if (!row)
		return 0;
	if (row->failed + row->skipped && summary_why(p->compare->summary, row, &why)) {
		note[0] = notes_add_place(&p->notes, why.what, why.place, e);
		if (note[0] < 0)
			return note[0];
	}
	if (row->exits_wrong)
		note[1] = notes_add(&p->notes, exit_check_text(row, text), e);
	return note[1] < 0 ? note[1] : 0;
}

static int cell_notes(struct page *p, const struct compare_cell *cell, int note[CELL_NOTES],
                      struct err *e)
{
	int rc;

	if (*cell->note)
		note[0] = notes_add(&p->notes, cell->note, e);
	if (note[0] < 0)
		return note[0];
	rc = side_notes(p, cell->row, note + 1, e);
	return rc ? rc : side_notes(p, cell->reference, note + 3, e);
}

/* Also where nothing can be compared. */
static const char *verdict_word(const struct compare_cell *cell)
{
	return compare_verdict_name(isnan(cell->ratio) ? COMPARE_NONE : cell->verdict);
}

/* What may tell more where a verdict is open: rounds, or samples in a round. */
static const char *wanted(const struct compare_cell *cell)
{
	if (cell->verdict != COMPARE_UNDECIDED || isnan(cell->samples_share))
		return "";
	return cell->samples_share > 0.5 ? ": samples" : cell->runs ? ": runs" : ": rounds";
}

/* "0.84%", in six columns; "" where nothing is known. */
static const char *finds_text(const struct compare_cell *cell, char text[32])
{
	double percent = cell->finds * 100;

	if (isnan(percent) || cell->verdict == COMPARE_NONE)
		text[0] = '\0';
	else if (percent < 0.01)
		snprintf(text, 32, "<0.01%%");
	else if (percent >= 1000)
		snprintf(text, 32, ">999%%");
	else
		snprintf(text, 32, percent < 10 ? "%.2f%%" : "%.0f%%", percent);
	return text;
}

static int print_cell(struct page *p, const struct label *label, const struct compare_cell *cell,
                      struct err *e)
{
	char text[32];
	int note[CELL_NOTES] = {0}, rc = cell_notes(p, cell, note, e);

	if (rc)
		return rc;
	label_print(label, &p->compare->summary->samples->cells[cell->row->cell], p->out);
	fprintf(p->out, " %-*s ", p->platform_width,
	        platform_text(cell->row->platform, cell->row->accel, text));
	print_ratio(p, cell->ratio, cell->low, cell->high);
	if (isnan(cell->q))
		fprintf(p->out, " %7s", "");
	else if (cell->q < 0.0001)
		fprintf(p->out, " %7s", "<0.0001");
	else
		fprintf(p->out, " %7.4f", cell->q);
	fprintf(p->out, " %6s", finds_text(cell, text));
	if (p->exits)
		fprintf(p->out, " %6s", exit_check_number(cell->row, text));
	fprintf(p->out, " %s%s", verdict_word(cell), wanted(cell));
	for (int i = 0; i < CELL_NOTES; i++)
		if (note[i])
			fprintf(p->out, " [%d]", note[i]);
	putc('\n', p->out);
	return 0;
}

static int print_cells(struct page *p, struct err *e)
{
	const struct compare *c = p->compare;
	const struct samples *s = c->summary->samples;
	char head[2 * LABEL_TEXT + 4], common[LABEL_TEXT], name[LABEL_TEXT];
	struct label label;

	for (size_t i = 0, end; i < c->cell_count; i = end) {
		uint32_t kernel = s->cells[c->cells[i].row->cell].key.kernel;
		size_t first = c->cells[i].row->cell;

		for (end = i; end < c->cell_count; end++)
			if (s->cells[c->cells[end].row->cell].key.kernel != kernel)
				break;
		label_make(&label, s, first, c->cells[end - 1].row->cell - first + 1);
		label_common(&label, &s->cells[first], common);
		snprintf(head, sizeof(head), "%s%s%s", cut(samples_text(s, kernel), 60, name),
		         *common ? ": " : "", common);
		putc('\n', p->out);
		notes_wrap(p->out, head, 0, 4, TABLE_WIDTH);
		label_head(&label, p->out);
		fprintf(p->out, " %-*s %-*s %7s %6s%s verdict\n", p->platform_width, "platform",
		        p->ratio_width, "ratio", "q", "finds", p->exits ? "  exits" : "");
		for (; i < end; i++) {
			int rc = print_cell(p, &label, &c->cells[i], e);

			if (rc)
				return rc;
		}
	}
	return 0;
}

/* Cells of one kernel that have no result on a platform, for the same reason. */
struct left_out {
	uint32_t kernel, reason;
	unsigned platform;
	enum accel accel;
	bool failed;
	size_t first, count; /* the first of them in the summary */
};

static int compare_alike(const struct left_out *a, const struct left_out *b)
{
	const long long keys[][2] = {{a->kernel, b->kernel},
	                             {a->platform, b->platform},
	                             {a->accel, b->accel},
	                             {a->reason, b->reason},
	                             {a->failed, b->failed}};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return 0;
}

static int by_place(const void *x, const void *y)
{
	const struct left_out *a = x, *b = y;

	return (a->first > b->first) - (a->first < b->first);
}

static int by_reason(const void *a, const void *b)
{
	int order = compare_alike(a, b);

	return order ? order : by_place(a, b);
}

/* The rows without a result, those that are alike as one, in the order of the first of each. */
static size_t find_left_out(const struct summary *summary, struct left_out *left)
{
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (row->rounds || row->side)
			continue;
		left[count] = (struct left_out){
		        .kernel = summary->samples->cells[row->cell].key.kernel,
		        .reason = row->reason,
		        .platform = row->platform,
		        .accel = row->accel,
		        .failed = row->failed,
		        .first = i,
		        .count = 1,
		};
		count++;
	}
	qsort(left, count, sizeof(*left), by_reason);
	for (size_t i = 0; i < count; i++) {
		if (kept && !compare_alike(&left[kept - 1], &left[i]))
			left[kept - 1].count++;
		else
			left[kept++] = left[i];
	}
	qsort(left, kept, sizeof(*left), by_place);
	return kept;
}

/* What is in no line above: "mmio: 2 cells on snp [3]", the footnote says why. */
static int print_left_out(struct page *p, struct err *e)
{
	const struct summary *summary = p->compare->summary;
	struct left_out *left = calloc(summary->count + 1, sizeof(*left));
	char text[96], platform[32], name[LABEL_TEXT];
	size_t count = left ? find_left_out(summary, left) : 0;
	int column = 0, rc = 0;

	if (!left)
		return err_set(e, ENOMEM, "no memory for the cells that have no result");
	if (count)
		fputs("\nLeft out, as they have no result:", p->out);
	for (size_t i = 0; i < count; i++) {
		bool same = i && left[i].kernel == left[i - 1].kernel;
		struct summary_why why;
		int size;

		summary_why(summary, &summary->rows[left[i].first], &why);
		rc = notes_add_place(&p->notes, why.what, why.place, e);
		if (rc < 0)
			break;
		if (same)
			column += fprintf(p->out, ",");
		else
			column = fprintf(p->out, "\n  %-*s", NAME_WIDTH,
			                 cut(samples_text(summary->samples, left[i].kernel),
			                     NAME_WIDTH, name)) -
			         1;
		size = snprintf(text, sizeof(text), " %zu cell%s on %s [%d]", left[i].count,
		                left[i].count == 1 ? "" : "s",
		                platform_text(left[i].platform, left[i].accel, platform), rc);
		if (column + size > TABLE_WIDTH - 1)
			column = fprintf(p->out, "\n  %-*s", NAME_WIDTH, "") - 1;
		column += fprintf(p->out, "%s", text);
	}
	if (count)
		putc('\n', p->out);
	free(left);
	return rc < 0 ? rc : 0;
}

int compare_out_print(FILE *out, const struct compare *compare, struct err *e)
{
	struct page page;
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
	page = make_page(out, compare);
	print_head(out, compare);
	rc = print_kernels(&page, e);
	if (!rc)
		rc = print_cells(&page, e);
	if (!rc)
		rc = print_left_out(&page, e);
	if (!rc && page.notes.texts.count)
		putc('\n', out);
	if (!rc)
		rc = notes_print(&page.notes, out, TABLE_WIDTH, e);
	notes_free(&page.notes);
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
	csv_out_numbers(out, (const double[]){cell->ratio, cell->low, cell->high, cell->p, cell->q},
	                5);
	fprintf(out, ",%s,", verdict_word(cell));
	result_put_text(out, cell->note);
	csv_out_numbers(
	        out,
	        (const double[]){cell->row->exits[SAMPLES_EXITS_ALL],
	                         cell->reference ? cell->reference->exits[SAMPLES_EXITS_ALL] : NAN,
	                         cell->row->exits_expected},
	        3);
	fprintf(out, ",%s", exit_check_word(cell->row));
	csv_out_numbers(out, (const double[]){cell->samples_share, cell->finds}, 2);
	fprintf(out, ",%s,%u,%u\n", cell->scatter, cell->runs, cell->reference_runs);
}

/* The same columns as a cell's, where the gate has something to say. */
static void put_gate_row(FILE *out, const struct gate *gate, const struct gate_row *row)
{
	const struct samples *s = gate->compare->summary->samples;
	const struct samples_cell_key *key = &s->cells[row->row->cell].key;
	char why[GATE_TEXT];

	fprintf(out, "%d,gate,", COMPARE_OUT_SCHEMA);
	result_put_text(out, samples_text(s, key->kernel));
	putc(',', out);
	put_key(out, s, key);
	fprintf(out, ",%s,%s,,,,,", target_name(row->row->platform), accel_name(row->row->accel));
	csv_out_numbers(out,
	                (const double[]){row->cell ? row->cell->ratio : NAN, NAN, NAN, NAN, row->q},
	                5);
	fprintf(out, ",%s,", gate_word(row));
	result_put_text(out, gate_why(gate, row, why));
	fputs(",,,,,,,,,\n", out);
}

int compare_out_write(const struct compare *compare, const struct gate *gate, const char *path,
                      bool force, struct err *e)
{
	struct result_file file;
	int rc = result_file_replace(path, force, &file, e);

	if (rc)
		return rc;
	fputs("schema,what,kernel,variant,size,threads,pages,backing,fill,params,platform,accel,"
	      "reference,reference_accel,rounds,reference_rounds,pairing,ratio,low,high,p,q,"
	      "verdict,note,exits,reference_exits,exits_expected,exits_check,samples_share,"
	      "finds,scatter,runs,reference_runs\n",
	      file.out);
	if (*compare->summary->unlike) {
		fprintf(file.out, "%d,unlike,,,,,,,,,,,,,,,,,,,,,,", COMPARE_OUT_SCHEMA);
		result_put_text(file.out, compare->summary->unlike);
		fputs(",,,,,,,,,\n", file.out);
	}
	for (size_t i = 0; i < compare->cell_count; i++)
		put_cell(file.out, compare, &compare->cells[i]);
	for (size_t i = 0; i < compare->kernel_count; i++) {
		const struct compare_kernel *k = &compare->kernels[i];

		fprintf(file.out, "%d,kernel,", COMPARE_OUT_SCHEMA);
		result_put_text(file.out, samples_text(compare->summary->samples, k->kernel));
		fprintf(file.out, ",,,,,,,,%s,%s,%s,,,,", target_name(k->platform),
		        accel_name(k->accel),
		        compare->reference < 0 ? "" : target_name((unsigned)compare->reference));
		csv_out_numbers(file.out, (const double[]){k->ratio, k->low, k->high}, 3);
		fputs(",,,,", file.out);
		result_put_text(file.out, k->note);
		fputs(",,,,,,,,,\n", file.out);
	}
	for (size_t i = 0; gate && i < gate->count; i++)
		put_gate_row(file.out, gate, &gate->rows[i]);
	return result_file_end(&file, 0, e);
}
