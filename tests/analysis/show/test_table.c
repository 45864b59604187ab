/* SPDX-License-Identifier: MIT */
#include "analysis/show/table.h"

#include <errno.h>
#include <math.h>

#include "analysis/decide/peak.h"
#include "tests/analysis/fixture.h"

static void put(struct fixture *f, struct synth row, double ns)
{
	for (row.round = 1; row.round <= 3; row.round++)
		for (row.sample = 0; row.sample < 5; row.sample++) {
			row.ns = ns * (1 + 0.01 * row.sample) * (double)row.iterations;
			synth_row(f->out, &row);
		}
}

static void put_skip(struct fixture *f, struct synth row, const char *reason)
{
	row.iterations = 0;
	row.status = "skipped";
	row.reason = reason;
	synth_row(f->out, &row);
}

static int print(struct fixture *f, struct table_options options)
{
	FILE *page = fixture_page(f);
	int rc;

	fixture_summarise(f);
	peak_apply(&f->summary, &f->machine, 1);
	rc = table_print(page, &f->summary, &options, &f->e);
	fclose(page);
	if (getenv("SHOW"))
		fputs(f->text, stderr);
	return rc;
}

static const struct table_options automatic = {.reference = TABLE_REFERENCE_AUTO};

static void expect(const struct fixture *f, const char *needle)
{
	if (!strstr(f->text, needle))
		fail_msg("the table does not hold \"%s\":\n%s", needle, f->text);
}

/* memcpy with a size sweep, touch with percentiles, cpuid without memory. */
static void put_suite(struct fixture *f, const char *platform, const char *accel, double factor)
{
	static const char *const copies[] = {"libc", "avx2", "avx2_nt"};
	struct synth row = synth_default;

	row.platform = platform;
	row.accel = accel;
	row.unit = "bandwidth";
	for (int v = 0; v < 3; v++)
		for (row.size = 1 << 15; row.size <= 1 << 26; row.size <<= 11) {
			row.variant = copies[v];
			row.read = row.written = row.size;
			put(f, row, factor * (double)row.size * (0.04 + 0.01 * v));
		}
	row.read = row.written = 0;
	row.unit = "latency";
	row.kernel = "cpuid";
	row.variant = "0x40000000";
	row.size = 0;
	put(f, row, factor * 71);
	row.variant = "0x0";
	put(f, row, factor * 68.25);
	row.kernel = "touch";
	row.variant = "fresh";
	row.pages = "thp";
	row.single_shot = true;
	row.size = 1 << 26;
	row.iterations = 1;
	for (unsigned i = 0; i < 1200; i++) {
		row.sample = i;
		row.ns = factor * (2200000 + 1000.0 * i);
		synth_row(f->out, &row);
	}
}

static void two_platforms_fill_a_page(void **state)
{
	struct fixture *f = *state;

	put_suite(f, "native", "none", 1);
	put_suite(f, "nosev", "tcg", 20.5);
	assert_int_equal(print(f, automatic), 0);
	expect_narrow_ascii(f);
	expect(f, "median of 1 to 3 rounds");
	expect(f, "Ratios compare times with native");
	expect(f, "emulated\n");
	expect(f, "say nothing\nabout what hardware costs");
	expect(f, "memcpy: bytes read + written (STREAM convention), in batches of 10; threads=1 "
	          "pages=4k backing=anon\n    fill=random\n");
	expect(f, "\nlibc     32K GB/s");
	expect(f, "cpuid: time of one operation, in batches of 10; threads=1\n");
	expect(f, "0x0        ns         69.6 1.0%     1427 1.0%  20.5x\n");
	expect(f, "0x40000000 ns");
	expect(f, "\n  p99   us         3387         69434       20.5x\n");
}

static void five_platforms_fit_the_width(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put_suite(f, "native", "none", 1);
	put_suite(f, "nosev", "kvm", 1.01);
	put_suite(f, "sev", "kvm", 1.02);
	put_suite(f, "sev-es", "kvm", 1.5);
	put_suite(f, "snp", "kvm", 300);
	row.kernel = "mmio";
	row.variant = "pci_testdev";
	row.platform = "snp";
	row.accel = "kvm";
	put_skip(f, row, "Linux refuses user-mode MMIO emulation under #VC since 6.1.60");
	assert_int_equal(print(f, automatic), 0);
	expect_narrow_ascii(f);
	expect(f, "Ratios compare times with nosev");
	expect(f, "[1] skipped on snp: Linux refuses user-mode MMIO");
	assert_null(strstr(f->text, "emulated"));
	/* One line a cell, the headings over it; the reference alone has its MAD there. */
	expect(f, "- nosev -  - native --  -- sev ---  - sev-es -  --- snp ---\n"
	          "variant    unit  time  MAD  time  ratio  time ratio  time ratio   time ratio\n"
	          "0x0        ns    70.3 1.0%  69.6 0.990x  71.0 1.01x   104 1.49x  20884  297x\n");
	expect(f, "elsewhere ~ marks one over 10%");
	assert_null(strstr(f->text, "more platforms"));
}

/* What does not fit goes to another table, the reference in front again. */
static void more_platforms_have_a_second_table(void **state)
{
	static const char *const platforms[] = {"nosev", "sev", "sev-es", "snp"};
	struct fixture *f = *state;
	struct synth row = synth_default;

	put(f, row, 10);
	row.accel = "kvm";
	for (int i = 0; i < 12; i++) {
		row.platform = platforms[i / 3];
		row.host_pages = (const char *const[]){"4k", "thp", "2m"}[i % 3];
		put(f, row, 10 + i);
	}
	assert_int_equal(print(f, automatic), 0);
	expect_narrow_ascii(f);
	expect(f, "memcpy, more platforms:\n              - nosev -  ");
	expect(f, "variant unit  time  MAD  ");
	for (int i = 0; i < 12; i++) {
		char name[32];

		snprintf(name, sizeof(name), " %s%s ", platforms[i / 3],
		         (const char *const[]){"", "@thp", "@2m"}[i % 3]);
		expect(f, name);
	}
}

/* In two rounds `ns`, and in a third, of more samples than both, four times that. */
static void put_vague(struct fixture *f, struct synth row, double ns)
{
	for (row.round = 1; row.round <= 3; row.round++)
		for (row.sample = 0; row.sample < (row.round < 3 ? 5 : 20); row.sample++) {
			row.ns = ns * (row.round < 3 ? 1 : 4) * (double)row.iterations;
			synth_row(f->out, &row);
		}
}

/* 571 ns with a MAD of 300 % is not 571 ns, and no ratio is taken of it. */
static void a_median_within_its_spread_is_no_figure(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put(f, row, 500);
	row.platform = "nosev";
	row.accel = "tcg";
	put_vague(f, row, 571);
	row.variant = "libc";
	put(f, row, 500);
	row.platform = "native";
	row.accel = "none";
	put_vague(f, row, 571);
	assert_int_equal(print(f, automatic), 0);
	expect_narrow_ascii(f);
	expect(f, "avx2    ns          510 1.0%        ? 300%\n");
	expect(f, "libc    ns            ? 300%      510 1.0%\n");
	expect(f, "\n?: measured, but no figure: the MAD is over 100%");
	assert_null(strstr(f->text, "571"));
}

/* Beside the reference there is no room for a MAD, nor for what disturbed a cell. */
static void wide_tables_have_marks(void **state)
{
	static const double around[] = {0.7, 0.8, 1, 1.2, 1.3};
	struct fixture *f = *state;
	struct synth row = synth_default;

	put(f, row, 10);
	row.accel = "kvm";
	row.platform = "nosev";
	put(f, row, 10);
	row.platform = "sev";
	put_vague(f, row, 77.7);
	row.platform = "sev-es";
	for (row.sample = 0; row.sample < 5; row.sample++) {
		row.ns = 20 * around[row.sample] * (double)row.iterations;
		synth_row(f->out, &row);
	}
	row.platform = "snp";
	row.noise = "4,0,0";
	put(f, row, 30);
	assert_int_equal(print(f, automatic), 0);
	expect_narrow_ascii(f);
	expect(f, "avx2    ns    10.2 1.0%  10.2 1.00x     ?        20.0~ 1.96x  30.6! 3.00x\n");
	expect(f, "~ marks one over 10%");
	expect(f, "! behind a figure, instead of ~: what disturbed its cell can have moved it");
	assert_null(strstr(f->text, "77.7"));
	assert_null(strstr(f->text, "12i"));
}

/* One footnote, whatever the platform; where rounds are wanting, how many. */
static void equal_reasons_share_a_footnote(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put(f, row, 10);
	row.round = 4;
	put_skip(f, row, "it is too cold: wait");
	row.variant = "libc";
	row.platform = "nosev";
	row.accel = "kvm";
	row.round = 1;
	put(f, row, 10);
	row.variant = "avx2";
	put_skip(f, row, "it is too cold: wait");
	row.platform = "snp";
	put_skip(f, row, "it is too cold: wait");
	row.variant = "libc";
	put(f, row, 10);
	row.variant = "other";
	put_skip(f, row, "it is too warm");
	row.platform = "nosev";
	row.status = "failed";
	row.iterations = 0;
	row.reason = "it is too cold: wait";
	synth_row(f->out, &row);
	assert_int_equal(print(f, automatic), 0);
	expect_narrow_ascii(f);
	expect(f, "\n[1] skipped on nosev, native in 1 of 4 rounds and snp: it is too cold: wait\n"
	          "[2] failed on nosev: it is too cold: wait\n"
	          "[3] skipped on snp: it is too warm\n");
	assert_null(strstr(f->text, "[4]"));
}

static void what_was_skipped_says_why(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put(f, row, 10);
	row.platform = "sev";
	row.accel = "kvm";
	put_skip(f, row, "no /dev/sev here");
	row.variant = "libc";
	put_skip(f, row, "no /dev/sev here");
	row.platform = "native";
	row.accel = "none";
	row.reason = "the copy differs";
	row.status = "failed";
	row.iterations = 0;
	synth_row(f->out, &row);
	assert_int_equal(print(f, automatic), 0);
	expect_narrow_ascii(f);
	expect(f, "\nsev: skipped: no /dev/sev here\n");
	expect(f, "[1]");
	expect(f, "[1] failed on native: the copy differs\n");
	assert_null(strstr(strstr(f->text, "no /dev/sev here") + 1, "no /dev/sev here"));
}

/* The figure is of the other rounds, and says so. */
static void a_round_that_failed_stands_behind_the_figure(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put(f, row, 10);
	row.round = 4;
	row.iterations = 0;
	row.status = "failed";
	row.reason = "the copy differs";
	synth_row(f->out, &row);
	row.round = 5;
	row.status = "skipped";
	row.reason = "no room";
	synth_row(f->out, &row);
	assert_int_equal(print(f, automatic), 0);
	expect(f, "Each figure is the median of 3 rounds");
	expect(f, "% [1]\n");
	expect(f, "[1] failed on native in 1 of 5 rounds: the copy differs\n");
}

static void nothing_measured_says_so(void **state)
{
	struct fixture *f = *state;

	put_skip(f, synth_default, "no room");
	assert_int_equal(print(f, automatic), 0);
	expect(f, "Nothing was measured.");
	expect(f, "native: skipped: no room");
}

static void a_reference_must_have_been_measured(void **state)
{
	struct fixture *f = *state;

	put(f, synth_default, 10);
	assert_int_equal(print(f, (struct table_options){.reference = PLATFORM_SNP}), -EINVAL);
	assert_non_null(strstr(f->e.text, "snp was not measured"));
}

static void a_reference_can_be_chosen(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put(f, row, 10);
	row.platform = "nosev";
	row.accel = "kvm";
	put(f, row, 20);
	assert_int_equal(print(f, (struct table_options){.reference = PLATFORM_NOSEV}), 0);
	expect(f, "Ratios compare times with nosev");
	expect(f, "median  MAD   median  MAD  ratio\n");
	expect(f, " 0.500x\n");
}

/* Below 1 as above it, and the heading stays over its column. */
static void a_small_ratio_has_three_digits(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put(f, row, 10000);
	row.platform = "nosev";
	row.accel = "kvm";
	put(f, row, 31.2);
	assert_int_equal(print(f, automatic), 0);
	expect(f, "median  MAD    ratio\n");
	expect(f, " 31.8 1.0% 0.00312x\n");
}

/* What differs in its pages alone is beside what it differs from. */
static void pages_stand_beside_their_platform(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.accel = "kvm";
	row.host_pages = "4k";
	row.platform = "snp";
	put(f, row, 12);
	row.platform = "nosev";
	put(f, row, 10);
	row.host_pages = "thp";
	put(f, row, 9);
	assert_int_equal(print(f, automatic), 0);
	expect(f, "-- nosev ---  ---- nosev@thp ----  ------- snp -------\n");
}

static void cycles_stand_in_where_all_have_them(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.cycles = 5000; /* of 50 iterations */
	put(f, row, 10);
	assert_int_equal(print(f, (struct table_options){TABLE_REFERENCE_AUTO, true}), 0);
	expect(f, "cycles      100");
}

static void odd_texts_do_not_break_the_page(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char variant[400];

	memset(variant, 'v', sizeof(variant) - 1);
	variant[sizeof(variant) - 1] = '\0';
	put(f, row, 10);
	row.variant = "libc";
	put_skip(f, row,
	         "caf\xc3\xa9 \x1b[31m red and a word that is "
	         "longer.than.it.should.be.but.still.has.to.be.printed.somewhere.and.anyhow."
	         "so.it.is");
	assert_int_equal(print(f, automatic), 0);
	expect_narrow_ascii(f);
	expect(f, "caf?? ?[31m red");
}

static void says(const struct fixture *f, const char *part, bool wanted)
{
	if (!!strstr(f->text, part) != wanted)
		fail_msg("'%s' is %sin:\n%s", part, wanted ? "not " : "", f->text);
}

static void disturbances_stand_behind_the_row(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.noise = "4,1,10000000"; /* in each of three rounds: 12 and 3 for 15 samples of 1 us */
	put(f, row, 100);
	row.platform = "nosev";
	row.accel = "kvm";
	row.noise = "0,0,0";
	put(f, row, 110);
	row.variant = "quiet";
	put(f, row, 110);
	assert_int_equal(print(f, automatic), 0);
	expect_narrow_ascii(f);
	says(f, "  native 30.0 ms/15.3 us stolen 12i/15\n", true);
	says(f, "nosev 0", false);
	says(f, "Behind a line", true);
}

/* What is a third of no cell's samples is in summary.csv alone. */
static void small_disturbances_are_not_shown(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.noise = "1,1,0"; /* 3 of 15 samples */
	put(f, row, 100);
	assert_int_equal(print(f, automatic), 0);
	says(f, "3i", false);
	says(f, "3m", false);
	says(f, "Behind a line", false);
	assert_true(f->summary.rows[0].involuntary == 3);
}

/* Six of 1200 samples leave the median where it is, and are half of what lies above p99. */
static void a_percentile_has_marks_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.single_shot = true;
	row.iterations = 1;
	row.noise = "6,0,0";
	for (row.sample = 0; row.sample < 1200; row.sample++) {
		row.ns = 1000 + row.sample;
		synth_row(f->out, &row);
	}
	assert_int_equal(print(f, automatic), 0);
	expect_narrow_ascii(f);
	says(f, "  p99   ns         2187       native 6i/1200\n", true);
	assert_ptr_equal(strstr(f->text, "6i/1200"), strstr(strstr(f->text, "p99  "), "6i/1200"));
}

/* Twenty ticks of 0.5 ns: what a percentile rests on are multiples of 10 ns. */
static void a_percentile_is_no_finer_than_its_counter(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.single_shot = true;
	row.iterations = 1;
	row.tsc_step = 20;
	for (row.sample = 0; row.sample < 1200; row.sample++) {
		row.ns = 1000 + row.sample - row.sample % 10;
		synth_row(f->out, &row);
	}
	assert_int_equal(print(f, automatic), 0);
	expect_narrow_ascii(f);
	expect(f, "timed alone, within 10 ns, as the\ncounter moves in such steps.\n");
}

static void a_fine_counter_needs_no_word(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.single_shot = true;
	row.iterations = 1;
	synth_row(f->out, &row);
	assert_int_equal(print(f, automatic), 0);
	expect(f, "timed alone.\n");
}

static void a_quiet_table_stays_quiet(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.noise = "0,0,0";
	put(f, row, 100);
	row.variant = "unknown";
	row.noise = NULL;
	put(f, row, 100);
	assert_int_equal(print(f, automatic), 0);
	says(f, "Behind a line", false);
	says(f, "of peak", false);
}

/* 100 of 204.8 GB/s; what may live in the caches shows no percentage. */
static void percent_of_the_peak(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.unit = "bandwidth";
	row.size = 128 << 20;
	row.read = 2000;
	row.written = 3120; /* in 50 ns */
	put(f, row, 50 / 1.02);
	row.variant = "cached";
	row.size = 64 << 20;
	put(f, row, 50);
	f->machine = (struct machine){.caches = {{1, 32 << 10}, {3, 32 << 20}, {2, 1 << 20}},
	                              .cache_count = 3};
	f->machine.dram_gbps = 204.8;
	strcpy(f->machine.dram_source, "--dram-peak");
	assert_int_equal(print(f, automatic), 0);
	says(f, "204.8 GB/s that all channels", true);
	says(f, "at least 128M", true);
	says(f, "  of peak    %          50.0\n", true);
	assert_int_equal(f->summary.count, 2);
	assert_true(isnan(f->summary.rows[1].percent) != isnan(f->summary.rows[0].percent));
}

/* What 64 threads do to 128M of a machine with eight caches of 32M stays in them. */
static void percent_of_many_threads(void **state)
{
	static const struct {
		unsigned threads, caches;
		uint64_t mib;
		bool known;
	} cells[] = {
	        {64, 8, 128, false}, {64, 8, 1023, false}, {64, 8, 1024, true}, {4, 8, 512, true},
	        {4, 8, 511, false},  {64, 1, 128, true},   {2, 0, 4096, false}, {1, 0, 128, true},
	};
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.unit = "bandwidth";
	row.read = 1000;
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		row.threads = cells[i].threads;
		row.size = cells[i].mib << 20;
		row.variant = cells[i].caches == 8 ? "eight" : cells[i].caches ? "one" : "unknown";
		put(f, row, 50);
	}
	fixture_summarise(f);
	for (size_t i = 0; i < f->summary.count; i++) {
		const struct samples_cell *cell = &f->samples.cells[f->summary.rows[i].cell];
		const char *variant = samples_text(&f->samples, cell->key.variant);
		struct machine machine = {.caches = {{3, 32 << 20}},
		                          .cache_count = 1,
		                          .last_caches = !strcmp(variant, "eight") ? 8
		                                         : !strcmp(variant, "one") ? 1
		                                                                   : 0,
		                          .dram_gbps = 200};
		bool found = false;

		f->summary.rows[i].percent = NAN;
		peak_apply(&f->summary, &machine, 1);
		for (size_t k = 0; k < sizeof(cells) / sizeof(cells[0]); k++) {
			if (cells[k].threads != cell->key.threads ||
			    cells[k].caches != machine.last_caches ||
			    cells[k].mib << 20 != cell->key.size)
				continue;
			found = true;
			assert_int_equal(!isnan(f->summary.rows[i].percent), cells[k].known);
		}
		assert_true(found);
	}
}

/* Percentages of two machines' memory do not stand in one table. */
static void machines_that_differ_have_no_peak(void **state)
{
	struct fixture *f = *state;
	struct machine two[2] = {{.caches = {{3, 1 << 20}}, .cache_count = 1, .dram_gbps = 100},
	                         {.caches = {{3, 1 << 20}}, .cache_count = 1, .dram_gbps = 200}};
	struct synth row = synth_default;

	row.unit = "bandwidth";
	row.size = 128 << 20;
	row.read = 1000;
	put(f, row, 50);
	assert_int_equal(print(f, automatic), 0);
	peak_apply(&f->summary, two, 2);
	assert_true(isnan(f->summary.rows[0].percent));
	two[1].dram_gbps = 100;
	peak_apply(&f->summary, two, 2);
	assert_true(f->summary.rows[0].percent > 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(two_platforms_fill_a_page),
	        T(a_percentile_is_no_finer_than_its_counter),
	        T(a_fine_counter_needs_no_word),
	        T(five_platforms_fit_the_width),
	        T(more_platforms_have_a_second_table),
	        T(a_median_within_its_spread_is_no_figure),
	        T(wide_tables_have_marks),
	        T(equal_reasons_share_a_footnote),
	        T(what_was_skipped_says_why),
	        T(a_round_that_failed_stands_behind_the_figure),
	        T(nothing_measured_says_so),
	        T(a_reference_must_have_been_measured),
	        T(a_reference_can_be_chosen),
	        T(a_small_ratio_has_three_digits),
	        T(pages_stand_beside_their_platform),
	        T(cycles_stand_in_where_all_have_them),
	        T(odd_texts_do_not_break_the_page),
	        T(disturbances_stand_behind_the_row),
	        T(small_disturbances_are_not_shown),
	        T(a_percentile_has_marks_of_its_own),
	        T(a_quiet_table_stays_quiet),
	        T(percent_of_the_peak),
	        T(percent_of_many_threads),
	        T(machines_that_differ_have_no_peak),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
