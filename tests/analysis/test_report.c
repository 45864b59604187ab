/* SPDX-License-Identifier: MIT */
#include "analysis/report.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "analysis/html.h"
#include "analysis/reader.h"
#include "tests/analysis/synth.h"
#include "tests/skip.h"

static void put(FILE *out, struct synth row, const char *platform, const char *accel, double ns)
{
	row.platform = platform;
	row.accel = accel;
	for (row.round = 1; row.round <= 3; row.round++)
		for (row.sample = 0; row.sample < 3; row.sample++) {
			row.ns = ns * (1 + 0.001 * (row.sample + row.round)) *
			         (double)row.iterations;
			synth_row(out, &row);
		}
}

/* A page of the rows in `samples`, as text; NULL without gnuplot. */
static char *make_page(const char *directory, const char *samples)
{
	struct compare_options options = COMPARE_DEFAULTS;
	struct samples s = {0};
	struct summary summary;
	struct compare compare;
	struct machine machine = {0};
	struct reference reference;
	struct plot plot = {0};
	char *plots = synth_path(directory, "plots"), *path = synth_path(directory, "r.html");
	char *text = NULL;
	struct err e;
	int rc;

	options.resamples = 100;
	assert_int_equal(reader_read(&s, samples, 0, false, &e), 0);
	assert_int_equal(samples_sort(&s, &e), 0);
	assert_int_equal(summary_make(&s, &summary, &e), 0);
	assert_int_equal(compare_make(&summary, &options, &compare, &e), 0);
	assert_int_equal(reference_load(&reference, &e), 0);
	rc = plot_draw(&compare, &machine, plots, &plot, &e);
	if (!rc) {
		struct parts parts;
		struct inside inside;
		struct report report = {&compare, &machine, &reference, &plot,
		                        &parts,   &inside,  plots};
		FILE *in;

		assert_int_equal(parts_make(&summary, 1, 100, &parts, &e), 0);
		assert_int_equal(inside_make(&summary, &options, &inside, &e), 0);
		if (report_write(&report, path, &e))
			fail_msg("%s", e.text);
		parts_free(&parts);
		inside_free(&inside);
		in = fopen(path, "r");
		text = calloc(1, 1 << 22);
		assert_true(in && fread(text, 1, (1 << 22) - 1, in) > 0);
		fclose(in);
	}
	plot_free(&plot);
	reference_free(&reference);
	compare_free(&compare);
	summary_free(&summary);
	samples_free(&s);
	free(plots);
	free(path);
	return text;
}

static void expect(const char *page, const char *needle)
{
	if (!strstr(page, needle))
		fail_msg("the page does not hold \"%s\"", needle);
}

static void a_page_is_whole_and_alone(void **state)
{
	char *directory = synth_directory(), *samples, *page;
	FILE *out = synth_file(directory, "samples.csv", &samples);
	struct synth row = synth_default;

	(void)state;
	synth_header(out);
	row.size = 0;
	row.kernel = "cpuid";
	row.variant = "0xb";
	put(out, row, "nosev", "tcg", 1232);
	row.exits = 4.25; /* of one operation, where one is expected */
	row.iterations = 1000;
	row.cycles = 7e6;
	put(out, row, "snp", "kvm", 3859);
	row.exits = row.cycles = 0;
	row.iterations = synth_default.iterations;
	row.kernel = "<script>alert(1)</script>";
	row.variant = "a\xff&b";
	put(out, row, "snp", "kvm", 100);
	row.iterations = 0;
	row.status = "skipped";
	row.reason = "no <b>device</b> & no \"\"port\"\"";
	row.platform = "native";
	synth_row(out, &row);
	fclose(out);
	page = make_page(directory, samples);
	synth_remove(directory);
	free(samples);
	if (!page) {
		skip_because("gnuplot is not installed");
		return;
	}
	expect(page, "<!DOCTYPE html>");
	expect(page, "</html>\n");
	expect(page, "cpuid");
	expect(page, "class=\"slower\">slower</td>");
	expect(page, "What is marked emulated");
	expect(page, ">4.25, not 1</td>");
	expect(page, "KVM counted 4.25 of an operation");
	expect(page, ">instructions</th>");
	expect(page, ">batches of 1000</td>");
	expect(page, "World switches taken apart");
	expect(page, "#VC + VMGEXIT</td>");
	expect(page, "&lt;script&gt;alert(1)&lt;/script&gt;");
	expect(page, "a?&amp;b");
	expect(page, "no &lt;b&gt;device&lt;/b&gt; &amp; no &quot;port&quot;");
	expect(page, "ours is emulated");
	expect(page, "<th scope=\"col\">kernel</th>");
	expect(page, "alt=\"");
	assert_null(strstr(page, "http"));
	assert_null(strstr(page, "<script>alert"));
	assert_null(strstr(page, "Encryption inside one guest")); /* nothing was on shared memory */
	free(page);
}

/* The same judgement as in compare: analysis/inside.h. */
static void private_stands_against_shared_memory(void **state)
{
	char *directory = synth_directory(), *samples, *page;
	FILE *out = synth_file(directory, "samples.csv", &samples);
	struct synth row = synth_default;

	(void)state;
	synth_header(out);
	row.backing = "shared";
	put(out, row, "nosev", "tcg", 100);
	put(out, row, "sev", "kvm", 100);
	put(out, row, "snp", "kvm", 100);
	row.backing = "twin";
	put(out, row, "nosev", "tcg", 110);
	put(out, row, "sev", "kvm", 100);
	put(out, row, "snp", "kvm", 106);
	fclose(out);
	page = make_page(directory, samples);
	synth_remove(directory);
	free(samples);
	if (!page) {
		skip_because("gnuplot is not installed");
		return;
	}
	expect(page, "<h2 id=\"inside\">Encryption inside one guest</h2>");
	expect(page, "<td>memcpy/avx2 1M </td><td>nosev (emulated)</td><td>twin</td>");
	expect(page, ">1.100</td>");
	expect(page, "<td class=\"slower\">control: DIFFERS</td>");
	expect(page, "<td class=\"same\">same</td></tr>\n");
	expect(page, ">1.060</td>");
	expect(page, ">1.060 to 1.060</td>");
	expect(page, "<td class=\"slower\">slower</td></tr>\n");
	free(page);
}

static void every_match_names_a_published_figure(void **state)
{
	struct reference r;
	struct err e;
	unsigned matched = 0;

	(void)state;
	assert_int_equal(reference_load(&r, &e), 0);
	assert_int_equal(r.count, 60);
	for (size_t i = 0; i < r.count; i++) {
		const struct reference_figure *f = &r.figures[i];

		matched += *f->kernel != '\0';
		assert_true(*f->source && *f->machine && *f->date && *f->quantity);
		if (!strcmp(f->quantity, "CPUID") && !strcmp(f->variant, "leaf 0xb")) {
			assert_string_equal(f->kernel, "cpuid");
			assert_true(f->plain == 1232 && f->encrypted == 3859);
			assert_true(f->time_ratio == 3.132);
		}
		if (!strcmp(f->quantity, "tinymembench memcpy") && !strcmp(f->source, "report"))
			assert_true(fabs(f->time_ratio - 1 / 0.962) < 1e-12);
		if (!strcmp(f->source, "talk"))
			assert_true(isnan(f->time_ratio) != 0);
	}
	assert_int_equal(matched, 7);
	reference_free(&r);
}

static void a_page_that_cannot_be_written_is_named(void **state)
{
	struct report report = {0};
	struct err e;

	(void)state;
	assert_int_equal(report_write(&report, "/nonexistent/r.html", &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nonexistent/r.html"));
	assert_int_equal(html_picture(stderr, "/nonexistent.svg", "", "", &e), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_page_is_whole_and_alone),
	        cmocka_unit_test(private_stands_against_shared_memory),
	        cmocka_unit_test(every_match_names_a_published_figure),
	        cmocka_unit_test(a_page_that_cannot_be_written_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
