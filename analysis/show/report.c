/* SPDX-License-Identifier: MIT */
#include "analysis/show/report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/difference.h"
#include "analysis/decide/exit_check.h"
#include "analysis/read/label.h"
#include "analysis/show/html.h"
#include "analysis/show/notes.h"
#include "analysis/show/report_guests.h"
#include "analysis/show/report_sections.h"
#include "analysis/show/report_text.h"
#include "harness/units.h"

static int put_pictures(FILE *out, const struct report *r, uint32_t kernel, const char *name,
                        struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < r->plot->count && !rc; i++) {
		const struct plot_picture *p = &r->plot->pictures[i];
		char *path;

		if (p->kernel != kernel || (name && strcmp(p->name, name) != 0))
			continue;
		if (asprintf(&path, "%s/%s.svg", r->plots, p->name) < 0)
			return err_set(e, ENOMEM, "no memory for the name of a picture");
		rc = html_picture(out, path, p->title, p->text, e);
		free(path);
	}
	return rc;
}

static bool any_emulated(const struct summary *summary)
{
	for (size_t i = 0; i < summary->count; i++)
		if (summary->rows[i].accel == ACCEL_TCG && summary->rows[i].rounds)
			return true;
	return false;
}

static void put_nav(FILE *out, const struct report *r)
{
	const struct {
		const char *id, *name;
		bool there;
	} parts[] = {
	        {"verdicts", "Verdicts", true},
	        {"overview", "Overview", true},
	        {"kernels", "Kernels", true},
	        {"switches", "World switches", r->parts->count > 0},
	        {"inside", "Inside one guest", r->inside->count > 0},
	        {"guests", "Guests", report_guests_any(r->machine)},
	        {"machine", "Machine and method", true},
	        {"skipped", "Skipped and failed", true},
	        {"published", "Published figures", true},
	};

	fputs("<nav aria-label=\"Parts of this page\">", out);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i].there)
			fprintf(out, "<a href=\"#%s\">%s</a>\n", parts[i].id, parts[i].name);
	fputs("</nav>\n", out);
}

static void put_head(FILE *out, const struct report *r)
{
	char text[256];

	fputs("<header><h1>sevbench: what encryption costs, in memory and in world "
	      "switches</h1>\n<p>",
	      out);
	html_text(out, machine_text(r->machine, "run", text));
	fputs(*text ? ", " : "", out);
	html_text(out, machine_text(r->machine, "begun", text));
	fputs(*text ? ", " : "", out);
	html_text(out, machine_text(r->machine, "environment.cpu.model_name", text));
	fputs("</p>\n", out);
	if (any_emulated(r->compare->summary))
		fputs("<p class=\"warn\">What is marked emulated ran under TCG, which is software: "
		      "it "
		      "shows that everything works, and says nothing about what hardware "
		      "costs.</p>\n",
		      out);
	put_nav(out, r);
	fputs("</header>\n", out);
}

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

static void put_verdicts(FILE *out, const struct compare *c)
{
	size_t count[COMPARE_VERDICT_COUNT] = {0}, judged = 0;
	const char *reference;
	char difference[DIFFERENCE_TEXT];

	for (size_t i = 0; i < c->kernel_count; i++)
		for (int v = 0; v < COMPARE_VERDICT_COUNT; v++) {
			count[v] += c->kernels[i].verdicts[v];
			judged += c->kernels[i].verdicts[v];
		}
	fputs("<h2 id=\"verdicts\">Verdicts</h2>\n", out);
	if (!c->cell_count) {
		fputs("<p>Only one platform was measured: there is nothing to compare.</p>\n", out);
		return;
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
}

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
	html_cell(out, summary_noise(row, short_text));
	fputs("</tr>\n", out);
}

static int put_kernel(FILE *out, const struct report *r, size_t first, size_t count, struct err *e)
{
	const struct summary *summary = r->compare->summary;
	const struct samples *s = summary->samples;
	const char *kernel = samples_text(s, s->cells[first].key.kernel);
	bool rates = s->cells[first].unit == UNIT_BANDWIDTH, any = false;
	char common[LABEL_TEXT], caption[512], heads[512] = "";
	struct label label;
	struct extras extras = {0};
	int rc;

	label_make(&label, s, first, count);
	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (row->cell < first || row->cell >= first + count || !row->rounds || row->side)
			continue;
		any = true;
		extras.exits |= row->exits_wrong || !isnan(row->exits[SAMPLES_EXITS_ALL]);
		for (int k = 0; k < COUNTER_EVENT_COUNT; k++)
			extras.counts |= !isnan(row->counts[k]);
	}
	if (!any)
		return 0;
	fputs("<h3>", out);
	html_text(out, kernel);
	fputs("</h3>\n", out);
	rc = put_pictures(out, r, s->cells[first].key.kernel, NULL, e);
	for (int p = 0; p < LABEL_PART_COUNT; p++)
		if (label.varies[p]) {
			strncat(heads, label_part_name((enum label_part)p),
			        sizeof(heads) - strlen(heads) - 1);
			strncat(heads, "|", sizeof(heads) - strlen(heads) - 1);
		}
	strncat(heads, "platform|median|MAD|", sizeof(heads) - strlen(heads) - 1);
	if (s->cells[first].single_shot)
		strncat(heads, "99th percentile|99.9th percentile|",
		        sizeof(heads) - strlen(heads) - 1);
	strncat(heads, "timed|", sizeof(heads) - strlen(heads) - 1);
	strncat(heads, "ratio|95 % interval|verdict|", sizeof(heads) - strlen(heads) - 1);
	strncat(heads, extras.exits ? "exits|" : "", sizeof(heads) - strlen(heads) - 1);
	strncat(heads, extras.counts ? "cycles|instructions|dTLB misses|" : "",
	        sizeof(heads) - strlen(heads) - 1);
	strncat(heads, "rounds", sizeof(heads) - strlen(heads) - 1);
	if (summary->peak.gbps > 0 && rates)
		strncat(heads, "|of peak", sizeof(heads) - strlen(heads) - 1);
	strncat(heads, "|disturbed", sizeof(heads) - strlen(heads) - 1);
	label_common(&label, &s->cells[first], common);
	snprintf(caption, sizeof(caption), "%s: %s%s%s", kernel,
	         rates ? summary_rate_name(SUMMARY_STREAM) : "time of one operation",
	         *common ? "; " : "", common);
	html_table(out, caption, heads);
	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (row->cell >= first && row->cell < first + count && row->rounds && !row->side)
			put_row(out, r, &label, row, extras);
	}
	html_table_end(out);
	return rc;
}

/* What the run noticed while cells ran. */
static void put_disturbed(FILE *out, const struct machine *machine)
{
	size_t count = machine_count(machine, "disturbed");

	if (count)
		fprintf(out,
		        "<p class=\"warn\">%zu time%s a cell was disturbed while it ran: others, "
		        "or "
		        "the hypervisor, took more than a twentieth of its CPUs. Nothing was "
		        "dropped; manifest.json names them under <q>disturbed</q>.</p>\n",
		        count, count == 1 ? "" : "s");
}

static void put_machine(FILE *out, const struct report *r)
{
	static const struct {
		const char *name, *path;
	} facts[] = {
	        {"processor", "environment.cpu.model_name"},
	        {"microcode", "environment.cpu.microcode"},
	        {"cores", "environment.cpu.cores"},
	        {"SMT active", "environment.cpu.smt_active"},
	        {"memory, bytes", "environment.memory.total_bytes"},
	        {"memory's theoretical peak, GB/s", "environment.memory.dram_peak_gbps"},
	        {"from", "environment.memory.dram_peak_source"},
	        {"transparent huge pages", "environment.memory.thp_enabled"},
	        {"NUMA balancing", "environment.memory.numa_balancing"},
	        {"Linux", "environment.linux.release"},
	        {"distribution", "environment.linux.distribution"},
	        {"clock source", "environment.clock.source"},
	        {"suite", "suite.name"},
	        {"seed", "seed"},
	        {"rounds", "rounds"},
	        {"state", "state"},
	        {"sevbench", "sevbench"},
	};
	char text[256];

	fputs("<h2 id=\"machine\">Machine and method</h2>\n<dl>\n", out);
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		if (!*machine_text(r->machine, facts[i].path, text))
			continue;
		fprintf(out, "<dt>%s</dt><dd>", facts[i].name);
		html_text(out, text);
		fputs("</dd>\n", out);
	}
	fprintf(out,
	        "</dl>\n<p>A time is the median of its rounds&rsquo; medians, the median of an "
	        "empty "
	        "loop subtracted where there is one. MAD is the median absolute deviation of all "
	        "samples. A ratio is the geometric mean of the rounds&rsquo; ratios of medians; "
	        "its "
	        "interval comes from %u resamples of rounds, with "
	        "Student&rsquo;s t for the few rounds. Slower and faster hold after "
	        "Benjamini and Hochberg&rsquo;s correction over all cells, at a rate of false "
	        "discoveries of 5 %%; the same means that the interval lies within %g %%. Rates "
	        "count "
	        "bytes read and written, without write-allocate; of peak is their part of what the "
	        "memory moves in theory. Disturbed: time stolen from the cell&rsquo;s CPUs, "
	        "involuntary context switches (i) and migrations (m) during all its samples. "
	        "manifest.json has the rest.</p>\n",
	        r->compare->options.resamples, r->compare->options.margin * 100);
	put_disturbed(out, r->machine);
}

static int put_skipped(FILE *out, const struct summary *summary, struct err *e)
{
	const struct samples *s = summary->samples;
	struct intern seen = {0};
	char text[LABEL_TEXT], key[1024], platform[64];
	int rc = 0;

	html_table(out,
	           "The first cell of each kind; equal reasons on a platform stand once a kernel",
	           "platform|kernel|cell|status|reason");
	for (size_t i = 0; i < summary->count && rc >= 0; i++) {
		const struct summary_row *row = &summary->rows[i];
		const char *reason = samples_text(s, row->reason);
		const char *kernel = samples_text(s, s->cells[row->cell].key.kernel);
		size_t before = seen.count;
		uint32_t id;

		if ((row->rounds && !row->failed && !row->skipped) || row->side)
			continue;
		snprintf(key, sizeof(key), "%d %.60s %s", (int)row->platform, kernel, reason);
		rc = intern_add(&seen, key, strlen(key), &id, e);
		if (rc < 0 || id < before)
			continue;
		fputs("<tr>", out);
		html_cell(out, report_text_platform(row->platform, row->accel, platform));
		html_cell(out, kernel);
		html_cell(out, label_cell(s, &s->cells[row->cell], text));
		html_cell(out, row->failed ? "failed" : "skipped");
		html_cell(out, *reason ? reason : "no reason recorded");
		fputs("</tr>\n", out);
	}
	html_table_end(out);
	intern_free(&seen);
	return rc;
}

int report_write(const struct report *r, FILE *out, struct err *e)
{
	const struct samples *s = r->compare->summary->samples;
	int rc;

	html_begin(out, REPORT_TITLE);
	put_head(out, r);
	fputs("<main>\n", out);
	put_verdicts(out, r->compare);
	fputs("<h2 id=\"overview\">Overview</h2>\n", out);
	rc = put_pictures(out, r, UINT32_MAX, NULL, e);
	fputs("<h2 id=\"kernels\">Kernels</h2>\n", out);
	for (size_t i = 0, count; i < s->cell_count && !rc; i += count) {
		count = label_kernel_cells(s, i);
		rc = put_kernel(out, r, i, count, e);
	}
	if (rc)
		return rc;
	report_sections_parts(out, r->parts);
	report_sections_inside(out, r->inside);
	report_guests_write(out, r->machine);
	put_machine(out, r);
	fputs("<h2 id=\"skipped\">Skipped and failed</h2>\n", out);
	rc = put_skipped(out, r->compare->summary, e);
	report_sections_published(out, r);
	fputs("</main>\n", out);
	html_end(out);
	return rc < 0 ? rc : 0;
}
