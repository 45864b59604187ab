/* SPDX-License-Identifier: MIT */
#include "analysis/show/report.h"

#include "analysis/show/plot.h"
#include "tests/analysis/fixture.h"

/* No platform and no memory is as another in every round, though no digit that is printed shows it.
 */
static void put(FILE *out, struct synth row, const char *platform, const char *accel, double ns)
{
	double own = 1e-6 * (platform[1] + row.backing[0]);

	row.platform = platform;
	row.accel = accel;
	for (row.round = 1; row.round <= 3; row.round++)
		for (row.sample = 0; row.sample < 3; row.sample++) {
			row.ns = ns * (1 + 0.001 * (row.sample + row.round)) *
			         (1 + own * ((double)row.round - 2)) * (double)row.iterations;
			synth_row(out, &row);
		}
}

/* f->text is the page of the rows that were put; false without gnuplot. */
static bool make_page(struct fixture *f)
{
	struct reference reference;
	struct plot plot = {0};
	struct folder folder;
	char *plots = synth_path(f->directory, "plots"), *path = synth_path(f->directory, "r.html");
	int rc;

	fixture_summarise(f);
	assert_int_equal(compare_make(&f->summary, &f->options, &f->compare, &f->e), 0);
	assert_int_equal(reference_load(&reference, &f->e), 0);
	assert_int_equal(folder_make(NULL, plots, &folder, &f->e), 0);
	rc = plot_draw(&f->compare, &f->machine, &folder, &plot, &f->e);
	if (!rc) {
		struct report report = {&f->compare, &f->machine, &reference, &plot,
		                        &f->parts,   &f->inside,  &folder};
		FILE *in, *out = fopen(path, "w");

		assert_non_null(out);
		assert_int_equal(parts_make(&f->summary, &f->parts, &f->e), 0);
		assert_int_equal(inside_make(&f->summary, &f->options, &f->inside, &f->e), 0);
		if (report_write(&report, out, &f->e))
			fail_msg("%s", f->e.text);
		fclose(out);
		in = fopen(path, "r");
		f->text = calloc(1, 1 << 22);
		assert_true(in && fread(f->text, 1, (1 << 22) - 1, in) > 0);
		fclose(in);
	}
	folder_close(&folder, false);
	plot_free(&plot);
	reference_free(&reference);
	free(plots);
	free(path);
	return !rc;
}

static void expect(const struct fixture *f, const char *needle)
{
	if (!strstr(f->text, needle))
		fail_msg("the page does not hold \"%s\"", needle);
}

static void a_page_is_whole_and_alone(void **state)
{
	struct fixture *f = *state;
	FILE *out = f->out;
	struct synth row = synth_default;

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
	row.kernel = "memcpy";
	put(out, row, "nosev", "kvm", 100);
	put(out, row, "snp", "kvm", 200);
	row.kernel = "cpuid";
	row.noise = "3,1,0"; /* in each of three rounds of three samples */
	row.kernel = "<script>alert(1)</script>";
	row.variant = "a\xff&b";
	put(out, row, "snp", "kvm", 100);
	row.iterations = 0;
	row.status = "skipped";
	row.reason = "no <b>device</b> & no \"\"port\"\"";
	row.platform = "native";
	synth_row(out, &row);
	if (!make_page(f))
		skip_because("gnuplot is not installed");
	expect(f, "<!DOCTYPE html>");
	expect(f, "</html>\n");
	expect(f, "cpuid");
	expect(f, "class=\"slower\">slower</td>");
	expect(f, "class=\"none\">none</td>");
	expect(f, "No verdict is passed on 1 cell more: ");
	expect(f, "are guests whose memory is encrypted.");
	expect(f, "1 more cannot be compared: not measured on the reference");
	expect(f, ">none comparable: the reference was not measured</td>");
	expect(f, "What is marked emulated");
	expect(f, ">4.25, not 1</td>");
	expect(f, "KVM counted 4.25 of an operation");
	expect(f, ">instructions</th>");
	expect(f, ">batches of 1000</td>");
	expect(f, "<td>9i/9 3m/9</td></tr>");
	expect(f, "in a third of the samples");
	expect(f, "World switches taken apart");
	expect(f, "#VC + VMGEXIT</td>");
	expect(f, "&lt;script&gt;alert(1)&lt;/script&gt;");
	expect(f, "a?&amp;b");
	expect(f, "no &lt;b&gt;device&lt;/b&gt; &amp; no &quot;port&quot;");
	expect(f, "ours is emulated");
	expect(f, "<th scope=\"col\">kernel</th>");
	expect(f, "alt=\"");
	assert_null(strstr(f->text, "http"));
	assert_null(strstr(f->text, "<script>alert"));
	assert_null(
	        strstr(f->text, "Encryption inside one guest")); /* nothing was on shared memory */
}

/* Whatever its platform is called, nothing is encrypted in an emulated guest, and nothing costs. */
static void what_is_emulated_is_not_said_to_be_encrypted(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put(f->out, row, "nosev", "tcg", 100);
	put(f->out, row, "snp", "tcg", 200);
	row.backing = "shared";
	put(f->out, row, "snp", "tcg", 100);
	row.backing = "twin";
	put(f->out, row, "snp", "tcg", 200);
	if (!make_page(f))
		skip_because("gnuplot is not installed");
	assert_null(strstr(f->text, "cells against nosev"));
	expect(f, "No verdict is passed on 1 cell: ");
	expect(f, "on an emulated processor: nothing is encrypted.");
	expect(f, "<td class=\"none\">none</td>");
	assert_null(strstr(f->text, "memory is encrypted"));
	/* Nor are there columns that nothing could stand in. */
	assert_null(strstr(f->text, ">undecided</th>"));
	assert_null(strstr(f->text, "\"slower\">slower"));
}

/* Beside real ones, those that are not are told apart. */
static void emulated_guests_beside_real_ones_are_told_apart(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put(f->out, row, "nosev", "kvm", 100);
	put(f->out, row, "sev", "kvm", 200);
	put(f->out, row, "snp", "tcg", 200);
	row.size = 0;
	row.kernel = "cpuid";
	row.variant = "0xb";
	put(f->out, row, "nosev", "kvm", 1232);
	put(f->out, row, "snp", "tcg", 3859);
	if (!make_page(f))
		skip_because("gnuplot is not installed");
	expect(f, "ours is emulated");
	expect(f, ">undecided</th>");
	expect(f, "whose memory is encrypted, but where they are marked emulated");
	expect(f, "Of 1 cells against nosev");
}

/* One reason on many platforms, in many cells, is one row of a kernel. */
/* All that there are, each with a style of its own, and a word on those that others launched. */
static void guests_of_others_say_what_they_are(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	for (int p = 0; p < PLATFORM_COUNT; p++)
		put(f->out, row, platform_name((enum platform)p), p ? "kvm" : "none", 100 + p);
	if (!make_page(f))
		skip_because("gnuplot is not installed");
	expect(f, "<p>snp-vtom: a guest with SEV-SNP below a paravisor, as on Azure");
	expect(f, "tdx: a guest with Intel's TDX, which is no SEV");
	expect(f, "unknown: a guest of which nothing told whether");
}

static void equal_reasons_stand_once(void **state)
{
	static const char *const platforms[] = {"nosev", "sev", "snp"};
	struct fixture *f = *state;
	struct synth row = synth_default;

	put(f->out, row, "nosev", "kvm", 100);
	row.iterations = 0;
	row.status = "skipped";
	for (int i = 0; i < 6; i++) {
		row.platform = platforms[i % 3];
		row.accel = i % 3 == 1 ? "tcg" : "kvm";
		row.variant = i < 3 ? "a" : "b";
		row.reason = "it is too cold";
		synth_row(f->out, &row);
	}
	row.variant = "c";
	row.reason = "it is too warm";
	synth_row(f->out, &row);
	row.variant = "d";
	row.status = "failed";
	synth_row(f->out, &row);
	if (!make_page(f))
		skip_because("gnuplot is not installed");
	expect(f,
	       "<td>skipped</td><td>it is too cold</td><td>nosev, sev (emulated), snp</td></tr>");
	expect(f, "<td>skipped</td><td>it is too warm</td><td>snp</td></tr>");
	expect(f, "<td>failed</td><td>it is too warm</td><td>snp</td></tr>");
	assert_null(strstr(strstr(f->text, "it is too cold") + 1, "it is too cold</td>"));
}

/* Where the samples lie further apart than from nothing, the page has no figure either. */
static void a_median_within_its_spread_is_no_figure(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put(f->out, row, "native", "none", 500);
	row.platform = "nosev";
	row.accel = "kvm";
	for (row.round = 1; row.round <= 3; row.round++)
		for (row.sample = 0; row.sample < (row.round < 3 ? 5 : 20); row.sample++) {
			row.ns = 571 * (row.round < 3 ? 1 : 4) * (double)row.iterations;
			synth_row(f->out, &row);
		}
	if (!make_page(f))
		skip_because("gnuplot is not installed");
	expect(f, ">? (MAD 300 %)</td>");
	assert_null(strstr(f->text, ">571"));
}

/* The same judgement as in compare: analysis/decide/inside.h. */
static void private_stands_against_shared_memory(void **state)
{
	struct fixture *f = *state;
	FILE *out = f->out;
	struct synth row = synth_default;

	row.iterations = 100000; /* beside which the clock's step is nothing */
	row.backing = "shared";
	put(out, row, "nosev", "tcg", 100);
	put(out, row, "sev", "kvm", 100);
	put(out, row, "snp", "kvm", 100);
	row.backing = "twin";
	put(out, row, "nosev", "tcg", 110);
	put(out, row, "sev", "kvm", 100);
	put(out, row, "snp", "kvm", 106);
	if (!make_page(f))
		skip_because("gnuplot is not installed");
	expect(f, "<h2 id=\"inside\">Encryption inside one guest</h2>");
	expect(f, "<td>memcpy/avx2 1M </td><td>nosev (emulated)</td><td>twin</td>");
	expect(f, ">1.100</td>");
	expect(f, "<td class=\"slower\">control: DIFFERS</td>");
	expect(f, "<td class=\"same\">same</td></tr>\n");
	expect(f, ">1.060</td>");
	expect(f, ">1.060 to 1.060</td>");
	expect(f, "<td class=\"slower\">slower</td></tr>\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_page_is_whole_and_alone, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(what_is_emulated_is_not_said_to_be_encrypted,
	                                        set_up, tear_down),
	        cmocka_unit_test_setup_teardown(emulated_guests_beside_real_ones_are_told_apart,
	                                        set_up, tear_down),
	        cmocka_unit_test_setup_teardown(equal_reasons_stand_once, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(guests_of_others_say_what_they_are, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(a_median_within_its_spread_is_no_figure, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(private_stands_against_shared_memory, set_up,
	                                        tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
