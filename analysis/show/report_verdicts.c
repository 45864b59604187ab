/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_verdicts.h"

#include <math.h>

#include "analysis/decide/difference.h"
#include "analysis/decide/estimate.h"
#include "analysis/decide/reach.h"
#include "analysis/show/conclusion.h"
#include "analysis/show/html.h"
#include "analysis/show/report_text.h"

#define WARNING " class=\"warn\""

/* Were guests of an encrypted platform emulated, and were others real? */
static void find_encrypted(const struct summary *summary, bool *emulated, bool *real)
{
	*emulated = *real = false;
	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (!row->rounds || !sev_traits(target_platform(row->platform))->memory_encrypted)
			continue;
		*emulated |= row->accel == ACCEL_TCG;
		*real |= row->accel != ACCEL_TCG;
	}
}

/* For those who see such a page for the first time. */
static void put_guide(FILE *out, const struct compare *c)
{
	const char *reference = c->options.sides ? "before" : target_name((unsigned)c->reference);
	bool emulated, real;

	find_encrypted(c->summary, &emulated, &real);
	fprintf(out,
	        "<p>The same programs ran on every platform: <b>native</b> is the machine itself, "
	        "<b>nosev</b> a plain guest, <b>sev</b>, <b>sev-es</b> and <b>snp</b> are guests "
	        "%s. A ratio compares times with %s: 1.10 means ten percent "
	        "longer. A kernel is a kind of operation, a cell one variant of it at one size. "
	        "<b>Slower</b> and <b>faster</b> are differences beyond the noise between "
	        "launches; <b>undecided</b> means that more rounds would have to tell%s. An "
	        "interval may be believed from %d rounds on: fewer launches do not show how "
	        "launches scatter.</p>\n",
	        !emulated ? "whose memory is encrypted"
	        : real    ? "whose memory is encrypted, but where they are marked emulated: there "
	                    "they take the same paths, and nothing is encrypted"
	               : "that take the paths of encrypted ones on an emulated processor: nothing "
	                 "is encrypted",
	        reference,
	        emulated ? "; on what is emulated no verdict is passed, for its times are no cost "
	                   "of "
	                   "anything"
	                 : "",
	        ESTIMATE_BELIEVED);
}

/* Is there a kernel whose cells are judged? Of what is emulated none is. */
static bool has_verdicts(const struct compare *c)
{
	for (size_t i = 0; i < c->kernel_count; i++)
		if (c->kernels[i].cells && !c->kernels[i].verdicts[COMPARE_NONE])
			return true;
	return false;
}

/* How many of the kernel's cells have which verdict. */
static void put_counts(FILE *out, const struct compare_kernel *k)
{
	static const enum compare_verdict order[] = {COMPARE_SLOWER, COMPARE_FASTER, COMPARE_SAME,
	                                             COMPARE_UNDECIDED};
	char text[32];

	for (size_t v = 0; v < sizeof(order) / sizeof(order[0]); v++) {
		if (!k->cells || k->verdicts[COMPARE_NONE]) {
			fputs("<td></td>", out);
			continue;
		}
		snprintf(text, sizeof(text), "%zu", k->verdicts[order[v]]);
		html_number(out, (double)k->verdicts[order[v]], text);
	}
}

static void put_kernel_verdicts(FILE *out, const struct compare *c)
{
	bool verdicts = has_verdicts(c);
	char text[64];

	html_table(
	        out,
	        "A row a kernel and platform: the geometric mean of its cells' ratios of times",
	        verdicts ? "kernel|platform|ratio|95 % interval|cells|slower|faster|same|undecided"
	                 : "kernel|platform|ratio|95 % interval|cells");
	for (size_t i = 0; i < c->kernel_count; i++) {
		const struct compare_kernel *k = &c->kernels[i];

		fputs("<tr>", out);
		html_cell(out, samples_text(c->summary->samples, k->kernel));
		html_cell(out, report_text_platform(k->platform, k->accel, text));
		if (!k->cells) {
			char none[192];

			snprintf(none, sizeof(none), "none comparable: %s", k->note);
			html_number(out, k->ratio, none);
			fputs("<td></td><td></td>", out);
		} else {
			html_number(out, k->ratio, report_text_ratio(k->ratio, text));
			html_number(out, k->low, report_text_interval(k->low, k->high, text));
			snprintf(text, sizeof(text), "%zu", k->cells);
			html_number(out, (double)k->cells, text);
		}
		if (verdicts)
			put_counts(out, k);
		fputs("</tr>\n", out);
	}
	html_table_end(out);
}

/* How many cells are slower, faster and the same. */
static void put_sum(FILE *out, const struct compare *c)
{
	struct conclusion k;

	conclusion_make(c, &k);
	fputs("<p class=\"sum\">", out);
	if (k.judged || !k.verdicts[COMPARE_NONE])
		fprintf(out,
		        "Of %zu cells against %s: <span class=\"slower\">%zu slower</span>, "
		        "<span class=\"faster\">%zu faster</span>, %zu the same within %g %%, "
		        "%zu undecided. ",
		        k.judged, k.reference, k.verdicts[COMPARE_SLOWER],
		        k.verdicts[COMPARE_FASTER], k.verdicts[COMPARE_SAME],
		        c->options.margin * 100, k.verdicts[COMPARE_UNDECIDED]);
	if (k.verdicts[COMPARE_NONE])
		fprintf(out,
		        "No verdict is passed on %zu cell%s%s: they, or what they are compared "
		        "with, are emulated. ",
		        k.verdicts[COMPARE_NONE], k.verdicts[COMPARE_NONE] == 1 ? "" : "s",
		        k.judged ? " more" : "");
	if (k.rest)
		fprintf(out, "%zu more cannot be compared: not measured %s, or not resolved.",
		        k.rest, c->options.sides ? k.reference : "on the reference");
	fputs("</p>\n", out);
}

static void put_paragraph(FILE *out, const char *attributes, const char *text)
{
	if (!*text)
		return;
	fprintf(out, "<p%s>", attributes);
	html_text(out, text);
	fputs("</p>\n", out);
}

int report_verdicts(const struct report *r, FILE *out, struct err *e)
{
	const struct compare *c = r->compare;
	char difference[DIFFERENCE_TEXT], about[DIFFERENCE_ABOUT], text[REACH_TEXT];
	struct reach reach;

	(void)e;
	difference_about(c->summary, about);
	if (!c->cell_count) {
		fputs("<p>Only one platform was measured: there is nothing to compare.</p>\n", out);
		put_paragraph(out, "", about);
		return 0;
	}
	put_paragraph(out, WARNING, c->summary->unlike);
	put_sum(out, c);
	reach = reach_make(c);
	put_paragraph(out, "", reach_text(&reach, text));
	put_guide(out, c);
	put_paragraph(out, "", about);
	if (!c->options.sides)
		put_paragraph(out, "", difference_text(c->summary, difference));
	put_paragraph(out, WARNING, c->summary->other_linux);
	put_paragraph(out, WARNING, c->summary->dear_exits);
	put_paragraph(out, WARNING, c->summary->host_snp);
	put_kernel_verdicts(out, c);
	return 0;
}
