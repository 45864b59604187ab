/* SPDX-License-Identifier: MIT */
#include "analysis/show/plot.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analysis/read/reader.h"
#include "analysis/show/chart_script.h"
#include "tests/analysis/synth.h"
#include "tests/skip.h"

struct fixture {
	char *directory, *path, *plots;
	FILE *out;
	struct samples samples;
	struct summary summary;
	struct compare compare;
	struct machine machine;
	struct plot plot;
	struct err e;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->directory = synth_directory();
	f->plots = synth_path(f->directory, "plots");
	f->out = synth_file(f->directory, "samples.csv", &f->path);
	synth_header(f->out);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	plot_free(&f->plot);
	machine_free(&f->machine);
	compare_free(&f->compare);
	summary_free(&f->summary);
	samples_free(&f->samples);
	synth_remove(f->directory);
	free(f->path);
	free(f->plots);
	free(f);
	return 0;
}

static void put(struct fixture *f, struct synth row, const char *platform, const char *accel,
                double ns)
{
	row.platform = platform;
	row.accel = accel;
	for (row.round = 1; row.round <= 2; row.round++)
		for (row.sample = 0; row.sample < 3; row.sample++) {
			row.ns = ns * (1 + 0.01 * row.sample) * (double)row.iterations;
			synth_row(f->out, &row);
		}
}

static void prepare(struct fixture *f)
{
	struct compare_options options = COMPARE_DEFAULTS;

	fclose(f->out);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	assert_int_equal(compare_make(&f->summary, &options, &f->compare, &f->e), 0);
}

static void draw(struct fixture *f)
{
	struct folder folder;
	int rc;

	prepare(f);
	assert_int_equal(folder_make(NULL, f->plots, &folder, &f->e), 0);
	rc = plot_draw(&f->compare, &f->machine, &folder, &f->plot, &f->e);
	folder_close(&folder, false);
	if (rc == -ENOENT)
		skip_because("%s", f->e.text);
	if (rc)
		fail_msg("%s", f->e.text);
}

static bool drawn(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->plot.count; i++)
		if (!strcmp(f->plot.pictures[i].name, name))
			return true;
	return false;
}

static char *read_text(const struct fixture *f, const char *name)
{
	char *path = synth_path(f->plots, name), *text = calloc(1, 1 << 20);
	FILE *in = fopen(path, "r");

	if (!in)
		fail_msg("there is no %s", path);
	assert_true(fread(text, 1, (1 << 20) - 1, in) > 0);
	fclose(in);
	free(path);
	return text;
}

static void a_sweep_is_drawn_over_size(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char *text;

	row.unit = "bandwidth";
	for (row.size = 1 << 14; row.size <= 1 << 20; row.size <<= 2) {
		row.read = row.size;
		put(f, row, "native", "none", (double)row.size / 10);
		put(f, row, "nosev", "tcg", (double)row.size);
	}
	f->machine.caches[0] = (struct machine_cache){1, 48 << 10};
	f->machine.cache_count = 1;
	draw(f);
	assert_true(drawn(f, "memcpy") && drawn(f, "memcpy-ratio") && drawn(f, "overview"));
	assert_false(drawn(f, "switches") || drawn(f, "decomposition") || drawn(f, "rates"));
	text = read_text(f, "memcpy.csv");
	assert_non_null(strstr(text, "\navx2,native,,16384,9.9"));
	assert_non_null(strstr(text, "\navx2,nosev (emulated),,1048576,0.99"));
	free(text);
	text = read_text(f, "memcpy.gp");
	assert_non_null(strstr(text, "set label 99 'emulated'"));
	assert_non_null(strstr(text, "set label 'L1' at 49152"));
	free(text);
	text = read_text(f, "memcpy.svg");
	assert_non_null(strstr(text, "emulated"));
	assert_non_null(strstr(text, "</svg>"));
	free(text);
	text = read_text(f, "memcpy.png");
	assert_memory_equal(text, "\x89PNG", 4);
	free(text);
}

/* The first panel lacks the first platform: the legend has it first all the same. */
static void a_legend_is_in_the_order_of_platforms(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const char *native, *nosev;
	char *text;

	for (row.size = 1 << 14; row.size <= 1 << 20; row.size <<= 2) {
		row.variant = "a_first";
		put(f, row, "nosev", "kvm", 10);
		row.variant = "b_second";
		put(f, row, "nosev", "kvm", 10);
		put(f, row, "native", "none", 10);
	}
	draw(f);
	text = read_text(f, "memcpy.gp");
	native = strstr(text, "title 'native'");
	nosev = strstr(text, "title 'nosev'");
	assert_true(native && nosev && native < nosev);
	free(text);
}

/* A guest on pages of its own stands beside the one on the usual pages. */
static void pages_stand_beside_their_platform(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const char *nosev, *thp, *snp;
	char *text;

	for (row.size = 1 << 14; row.size <= 1 << 20; row.size <<= 2) {
		row.host_pages = "4k";
		put(f, row, "nosev", "kvm", 10);
		put(f, row, "snp", "kvm", 12);
		row.host_pages = "thp";
		put(f, row, "nosev", "kvm", 9);
	}
	draw(f);
	text = read_text(f, "memcpy.gp");
	nosev = strstr(text, "title 'nosev'");
	thp = strstr(text, "title 'nosev@thp'");
	snp = strstr(text, "title 'snp'");
	assert_true(nosev && thp && snp && nosev < thp && thp < snp);
	free(text);
}

/* Two rounds that differ by 2 leave a wide interval: on a linear axis nothing else would be seen.
 */
static void a_wide_interval_needs_a_logarithmic_axis(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char *text;

	for (row.size = 1 << 14; row.size <= 1 << 18; row.size <<= 2) {
		put(f, row, "native", "none", 10);
		row.platform = "nosev";
		row.accel = "kvm";
		for (row.round = 1; row.round <= 2; row.round++) {
			row.ns = 10.0 * (double)row.iterations * row.round;
			synth_row(f->out, &row);
		}
	}
	draw(f);
	text = read_text(f, "memcpy-ratio.gp");
	assert_non_null(strstr(text, "set logscale y 10"));
	free(text);
}

static void a_distribution_has_a_logarithmic_tail(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char *text;

	row.single_shot = true;
	row.iterations = 1;
	for (row.sample = 0; row.sample < 1000; row.sample++) {
		row.ns = 1000 + row.sample;
		synth_row(f->out, &row);
	}
	row.variant = "once"; /* a page of 1 GiB may be touched once only */
	row.sample = 0;
	synth_row(f->out, &row);
	draw(f);
	assert_true(drawn(f, "memcpy-distribution"));
	text = read_text(f, "memcpy-distribution.csv");
	assert_non_null(strstr(text, ",1000,1,"));
	assert_non_null(strstr(text, ",1999,0.001,"));
	free(text);
}

static void what_was_timed_alone_beside_batches_is_a_distribution(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char *text;

	row.kernel = "cpuid";
	row.variant = "0x0";
	row.size = 0;
	put(f, row, "native", "none", 1000);
	row.params = "timing=single";
	row.single_shot = true;
	row.iterations = 1;
	put(f, row, "native", "none", 1100);
	draw(f);
	assert_true(drawn(f, "switches") && drawn(f, "cpuid-distribution"));
	assert_false(drawn(f, "cpuid") || drawn(f, "cpuid-ratio"));
	text = read_text(f, "cpuid-distribution.csv");
	assert_non_null(strstr(text, ",1100,1,"));
	assert_null(strstr(text, ",1000,"));
	free(text);
}

static void names_from_a_file_do_not_reach_gnuplot(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.kernel = "../x';system('touch pwned')";
	row.variant = "a'b`c$d\\";
	for (row.size = 1 << 14; row.size <= 1 << 16; row.size <<= 2)
		put(f, row, "native", "none", 10);
	draw(f);
	assert_true(drawn(f, "___x__system__touch_pwned__"));
	assert_int_equal(access("pwned", F_OK), -1);
	free(read_text(f, "___x__system__touch_pwned__.svg"));
}

static void many_variants_take_several_pictures(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char variant[16];

	row.variant = variant;
	for (int i = 0; i < 13; i++) {
		snprintf(variant, sizeof(variant), "v%d", i);
		for (row.size = 1 << 14; row.size <= 1 << 16; row.size <<= 2)
			put(f, row, "native", "none", 10);
	}
	draw(f);
	assert_true(drawn(f, "memcpy-1") && drawn(f, "memcpy-2") && !drawn(f, "memcpy"));
}

/* What lies in a stranger's plots leads nowhere, and is not replaced either. */
static void links_in_the_directory_are_not_followed(void **state)
{
	struct fixture *f = *state;
	char *victim = synth_path(f->directory, "victim"), *link;
	struct folder folder;
	FILE *out = fopen(victim, "w");

	assert_non_null(out);
	fprintf(out, CHART_SCRIPT_MARK "\n", "overview");
	fclose(out);
	put(f, synth_default, "native", "none", 10);
	put(f, synth_default, "nosev", "kvm", 20);
	prepare(f);
	assert_int_equal(folder_make(NULL, f->plots, &folder, &f->e), 0);
	for (int i = 0; i < 3; i++) {
		link = synth_path(f->plots, (const char *[]){"overview.gp", "overview.svg",
		                                             "overview.partial"}[i]);
		assert_int_equal(symlink(i < 2 ? victim : f->directory, link), 0);
		assert_int_not_equal(plot_draw(&f->compare, &f->machine, &folder, &f->plot, &f->e),
		                     0);
		assert_non_null(strstr(f->e.text, link));
		assert_int_equal(unlink(link), 0);
		free(link);
	}
	folder_close(&folder, false);
	out = fopen(victim, "r");
	assert_int_equal(fseek(out, 0, SEEK_END), 0);
	assert_int_equal(ftell(out), sizeof("# gnuplot overview.gp\n") - 1);
	fclose(out);
	assert_int_equal(unlink(victim), 0);
	free(victim);
}

/* gnuplot takes what begins so for an option, and -p among them for one that waits. */
static void a_name_like_an_option_is_none(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.kernel = "-persist";
	for (row.size = 1 << 14; row.size <= 1 << 16; row.size <<= 2)
		put(f, row, "native", "none", 10);
	draw(f);
	assert_true(drawn(f, "_persist"));
}

/* Points and what the legend has of them. */
static int marks(struct fixture *f, const char *name)
{
	char *picture = read_text(f, name);
	int count = 0;

	for (const char *c = picture; (c = strstr(c, "<use")); c++)
		count++;
	free(picture);
	return count;
}

/* It stands in front of its lines of the data, where gnuplot looks for comments. */
static void a_variant_like_a_comment_is_drawn(void **state)
{
	static const char *const variants[][2] = {{"a", "b"}, {"a", "#\xff\xc2\x9b"}};
	struct fixture *f = *state;
	struct synth row = synth_default;
	char *picture, *data;

	for (int i = 0; i < 4; i++) {
		row.kernel = i / 2 ? "memcpy" : "memset";
		row.variant = variants[i / 2][i % 2];
		for (row.size = 1 << 14; row.size <= 1 << 16; row.size <<= 2)
			put(f, row, "native", "none", 10);
	}
	draw(f);
	picture = read_text(f, "memcpy.svg");
	assert_non_null(strstr(picture, "#???"));
	/* How many there are, gnuplot's version decides. */
	assert_true(marks(f, "memset.svg") > 4);
	assert_int_equal(marks(f, "memcpy.svg"), marks(f, "memset.svg"));
	data = read_text(f, "memcpy.csv");
	assert_non_null(strstr(data, "\n#"));
	free(picture);
	free(data);
}

/* No axis shows them; a logarithm of zero has no end. */
static void zeros_and_the_largest_sizes_end(void **state)
{
	static const uint64_t sizes[] = {0, 1, 4096, 1ULL << 63, UINT64_MAX};
	struct fixture *f = *state;
	struct synth row = synth_default;
	char *text;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		row.size = sizes[i];
		put(f, row, "native", "none", i == 2 ? 0 : 10);
		put(f, row, "nosev", "kvm", i == 3 ? 1e9 : 20);
	}
	draw(f);
	assert_true(drawn(f, "memcpy"));
	text = read_text(f, "memcpy.gp");
	assert_null(strstr(text, "range [inf"));
	assert_null(strstr(text, "range [0:inf"));
	assert_null(strstr(text, "nan:"));
	assert_true(strlen(text) < 100000);
	free(text);
}

/* A picture of all kernels of a file that has too many to tell apart. */
static void categories_are_bounded(void **state)
{
	struct chart chart = {.kind = CHART_BARS};
	struct chart_panel *panel = chart_panel(&chart, "");
	struct chart_series *series = chart_platform(&chart, panel, PLATFORM_NOSEV, ACCEL_KVM);
	char name[16];

	(void)state;
	for (int i = 0; i < 3 * CHART_CATEGORIES; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		chart_category(&chart, name);
		chart_add(&chart, series, (struct chart_point){i, 1, NAN, NAN});
	}
	chart_trim(&chart);
	assert_int_equal(chart.category_count, CHART_CATEGORIES);
	assert_int_equal(chart.panels[0].series[0].count, CHART_CATEGORIES);
	assert_string_equal(chart.subtitle, "the first 200 of 600");
	chart_free(&chart);
}

/* The way of a CPUID: what was measured of it, and that nothing emulated is a measure. */
static void a_cpuid_is_drawn_where_a_guest_executed_it(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char *picture;

	row.kernel = "cpuid";
	row.variant = "0xb";
	row.size = 0;
	put(f, row, "native", "none", 100);
	put(f, row, "nosev", "kvm", 1232);
	put(f, row, "snp", "tcg", 50000);
	draw(f);
	picture = read_text(f, "where-a-cpuid-goes.gp");
	assert_non_null(strstr(picture, "'VMGEXIT'"));
	assert_non_null(strstr(picture, "nosev: 1244 ns"));
	assert_non_null(strstr(picture, "snp: not measured (emulated)"));
	assert_non_null(strstr(picture, "'emulated'"));
	assert_null(strstr(picture, "50000"));
	free(picture);
}

static void no_cpuid_of_a_guest_is_no_picture(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.kernel = "cpuid";
	row.variant = "0xb";
	row.size = 0;
	put(f, row, "native", "none", 100);
	put(f, row, "tdx", "kvm", 5000);
	draw(f);
	assert_false(drawn(f, "where-a-cpuid-goes"));
}

/* "Partly emulated" where all is would be wrong. */
static void a_caption_says_how_much_is_emulated(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	for (int kernel = 0; kernel < 2; kernel++) {
		row.kernel = kernel ? "read" : "memcpy";
		for (row.size = 1 << 14; row.size <= 1 << 20; row.size <<= 2) {
			put(f, row, kernel ? "snp" : "native", kernel ? "tcg" : "none", 100);
			put(f, row, "nosev", "tcg", 200);
		}
	}
	draw(f);
	for (size_t i = 0; i < f->plot.count; i++) {
		const struct plot_picture *picture = &f->plot.pictures[i];
		bool partly = strstr(picture->text, " Partly emulated: those times") != NULL;

		if (!strcmp(picture->name, "memcpy"))
			assert_true(partly);
		if (!strcmp(picture->name, "read"))
			assert_true(!partly && strstr(picture->text, " Emulated: these times"));
	}
	assert_true(drawn(f, "memcpy") && drawn(f, "read"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(a_sweep_is_drawn_over_size),
	        T(a_cpuid_is_drawn_where_a_guest_executed_it),
	        T(no_cpuid_of_a_guest_is_no_picture),
	        T(a_caption_says_how_much_is_emulated),
	        T(a_legend_is_in_the_order_of_platforms),
	        T(pages_stand_beside_their_platform),
	        T(a_wide_interval_needs_a_logarithmic_axis),
	        T(a_distribution_has_a_logarithmic_tail),
	        T(what_was_timed_alone_beside_batches_is_a_distribution),
	        T(names_from_a_file_do_not_reach_gnuplot),
	        T(many_variants_take_several_pictures),
	        T(links_in_the_directory_are_not_followed),
	        T(a_name_like_an_option_is_none),
	        T(zeros_and_the_largest_sizes_end),
	        T(a_variant_like_a_comment_is_drawn),
	        cmocka_unit_test(categories_are_bounded),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
