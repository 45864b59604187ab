/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_verdicts.h"

#include <math.h>

#include "analysis/decide/difference.h"
#include "analysis/show/html.h"
#include "analysis/show/report_text.h"

/* For those who see such a page for the first time. */
static void put_guide(FILE *out, const struct compare *c)
{
	const char *reference = c->options.sides ? "before" : target_name((unsigned)c->reference);

	fprintf(out,
	        "<p>The same programs ran on every platform: <b>native</b> is the machine itself, "
	        "<b>nosev</b> a plain guest, <b>sev</b>, <b>sev-es</b> and <b>snp</b> are guests "
	        "whose memory is encrypted. A ratio compares times with %s: 1.10 means ten percent "
	        "longer. A kernel is a kind of operation, a cell one variant of it at one size. "
	        "<b>Slower</b> and <b>faster</b> are differences beyond the noise between "
	        "launches; <b>undecided</b> means that more rounds would have to tell.</p>\n",
	        reference);
}

static void put_kernel_verdicts(FILE *out, const struct compare *c)
{
	char text[64];

	html_table(out,
	           "A row a kernel and platform: the geometric mean of its cells' ratios of times",
	           "kernel|platform|ratio|95 % interval|cells|slower|faster|same|undecided");
	for (size_t i = 0; i < c->kernel_count; i++) {
		const struct compare_kernel *k = &c->kernels[i];
		const enum compare_verdict order[] = {COMPARE_SLOWER, COMPARE_FASTER, COMPARE_SAME,
		                                      COMPARE_UNDECIDED};

		fputs("<tr>", out);
		html_cell(out, samples_text(c->summary->samples, k->kernel));
		html_cell(out, report_text_platform(k->platform, k->accel, text));
		if (!k->cells) {
			char none[192];

			snprintf(none, sizeof(none), "none comparable: %s", k->note);
			html_number(out, k->ratio, none);
			fputs("<td></td><td></td><td></td><td></td><td></td><td></td></tr>\n", out);
			continue;
		}
		html_number(out, k->ratio, report_text_ratio(k->ratio, text));
		html_number(out, k->low, report_text_interval(k->low, k->high, text));
		snprintf(text, sizeof(text), "%zu", k->cells);
		html_number(out, (double)k->cells, text);
		for (int v = 0; v < COMPARE_VERDICT_COUNT; v++) {
			snprintf(text, sizeof(text), "%zu", k->verdicts[order[v]]);
			html_number(out, (double)k->verdicts[order[v]], text);
		}
		fputs("</tr>\n", out);
	}
	html_table_end(out);
}

int report_verdicts(const struct report *r, FILE *out, struct err *e)
{
	const struct compare *c = r->compare;
	size_t count[COMPARE_VERDICT_COUNT] = {0}, judged = 0;
	const char *reference;
	char difference[DIFFERENCE_TEXT];

	(void)e;
	for (size_t i = 0; i < c->kernel_count; i++)
		for (int v = 0; v < COMPARE_VERDICT_COUNT; v++) {
			count[v] += c->kernels[i].verdicts[v];
			judged += c->kernels[i].verdicts[v];
		}
	if (!c->cell_count) {
		fputs("<p>Only one platform was measured: there is nothing to compare.</p>\n", out);
		return 0;
	}
	reference = c->options.sides ? "before" : target_name((unsigned)c->reference);
	fprintf(out,
	        "<p class=\"sum\">Of %zu cells against %s: <span class=\"slower\">%zu "
	        "slower</span>, "
	        "<span class=\"faster\">%zu faster</span>, %zu the same within %g %%, "
	        "%zu undecided.",
	        judged, reference, count[COMPARE_SLOWER], count[COMPARE_FASTER],
	        count[COMPARE_SAME], c->options.margin * 100, count[COMPARE_UNDECIDED]);
	if (c->cell_count > judged)
		fprintf(out, " %zu more cannot be compared: not measured %s, or not resolved.",
		        c->cell_count - judged, c->options.sides ? reference : "on the reference");
	fputs("</p>\n", out);
	put_guide(out, c);
	if (!c->options.sides && *difference_text(c->summary, difference)) {
		fputs("<p>", out);
		html_text(out, difference);
		fputs("</p>\n", out);
	}
	if (*c->summary->other_linux) {
		fputs("<p class=\"warn\">", out);
		html_text(out, c->summary->other_linux);
		fputs("</p>\n", out);
	}
	put_kernel_verdicts(out, c);
	return 0;
}
