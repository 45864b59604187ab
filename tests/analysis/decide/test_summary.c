/* SPDX-License-Identifier: MIT */
#include "analysis/decide/summary.h"

#include <errno.h>
#include <math.h>

#include "analysis/decide/difference.h"
#include "tests/analysis/fixture.h"

/* A round of samples with these times of one iteration. */
static void put_round(struct fixture *f, struct synth row, const double *ns, unsigned count)
{
	for (row.sample = 0; row.sample < count; row.sample++) {
		row.ns = ns[row.sample] * (double)row.iterations;
		synth_row(f->out, &row);
	}
}

static void close_to(double value, double expected)
{
	if (!(fabs(value - expected) <= 1e-9 * fabs(expected)))
		fail_msg("%.12g is not %.12g", value, expected);
}

static void a_round_weighs_the_same_however_long(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;

	put_round(f, row, (double[]){10, 11, 9, 100}, 4); /* 10.5 */
	row.round = 2;
	put_round(f, row, (double[]){20}, 1);
	row.round = 3;
	put_round(f, row, (double[]){12, 12, 12, 12, 12, 12, 12}, 7);
	r = fixture_summarise(f);
	assert_int_equal(f->summary.count, 1);
	assert_int_equal(r->rounds, 3);
	assert_int_equal(r->samples, 12);
	close_to(r->median_ns, 12);
	close_to(r->raw_median_ns, 12);
	close_to(r->round_min_ns, 10.5);
	close_to(r->round_max_ns, 20);
	close_to(r->mad_ns, 0); /* the distances: seven of 0, then 1, 2, 3, 8, 88 */
}

static void the_baseline_of_the_same_process_is_subtracted(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;

	put_round(f, row, (double[]){10, 11, 12}, 3);
	row.series = "baseline";
	put_round(f, row, (double[]){1, 2, 900}, 3);
	row.series = "op";
	row.round = 2;
	put_round(f, row, (double[]){20, 21, 22}, 3);
	row.series = "baseline";
	put_round(f, row, (double[]){6, 5, 4, 5}, 4);
	r = fixture_summarise(f);
	close_to(r->median_ns, (9.0 + 16) / 2);
	close_to(r->raw_median_ns, (11.0 + 21) / 2);
	close_to(r->baseline_ns, 3.5);
	/* The rows themselves are as they were. */
	assert_true(f->samples.groups[0].series[SERIES_OP].ns[0] == 10);
}

static void what_its_loop_costs_as_much_is_not_resolved(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;

	row.read = 64;
	put_round(f, row, (double[]){10, 10, 10}, 3);
	row.series = "baseline";
	put_round(f, row, (double[]){10, 11, 12}, 3);
	r = fixture_summarise(f);
	assert_true(isnan(r->median_ns));
	close_to(r->raw_median_ns, 10);
	assert_true(isnan(r->rate[SUMMARY_STREAM]));
}

static void rates_count_what_they_say(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;

	row.read = 100;
	row.written = 50;
	row.allocate = 50;
	row.cycles = 600; /* of 30 iterations */
	put_round(f, row, (double[]){10, 10, 10}, 3);
	r = fixture_summarise(f);
	close_to(r->rate[SUMMARY_READ], 10);
	close_to(r->rate[SUMMARY_WRITTEN], 5);
	close_to(r->rate[SUMMARY_STREAM], 15);
	close_to(r->rate[SUMMARY_ALLOCATE], 20);
	close_to(r->counts[COUNTER_CYCLES], 20);
}

static void percentiles_need_a_tail(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;
	static double ns[1000];

	for (int i = 0; i < 1000; i++)
		ns[i] = 1 + (i * 7) % 1000;
	row.iterations = 1;
	row.single_shot = true;
	put_round(f, row, ns, 1000);
	row.size *= 2;
	put_round(f, row, ns, 99);
	r = fixture_summarise(f);
	close_to(r[0].tail_ns[SUMMARY_P50], 500.5);
	close_to(r[0].tail_ns[SUMMARY_P90], 900.1);
	close_to(r[0].tail_ns[SUMMARY_P99], 990.01);
	assert_true(isnan(r[0].tail_ns[SUMMARY_P999]));
	assert_true(r[1].tail_ns[SUMMARY_P50] > 0);
	assert_true(isnan(r[1].tail_ns[SUMMARY_P90]));
}

/* As a file that was cut may end: rounds that began, and of which no operation is there. */
static void rounds_of_baselines_alone_do_not_count(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;

	put_round(f, row, (double[]){10}, 1);
	row.series = "baseline";
	for (row.round = 2; row.round < 4000; row.round++)
		put_round(f, row, (double[]){1}, 1);
	r = fixture_summarise(f);
	assert_int_equal(r->rounds, 1);
	close_to(r->median_ns, 10);
	close_to(r->batch, (double)synth_default.iterations);
}

static void batches_have_no_percentiles(void **state)
{
	struct fixture *f = *state;
	static double ns[1000];

	for (int i = 0; i < 1000; i++)
		ns[i] = 5;
	put_round(f, synth_default, ns, 1000);
	assert_true(isnan(fixture_summarise(f)->tail_ns[SUMMARY_P50]));
}

static void failed_rounds_are_counted_and_not_used(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct summary_row *r;

	put_round(f, row, (double[]){10, 10, 10}, 3);
	row.round = 2;
	row.status = "failed";
	row.reason = "the copy differs";
	put_round(f, row, (double[]){1, 1, 1}, 3);
	row.round = 3;
	row.status = "skipped";
	row.reason = "no memory";
	row.iterations = 0;
	synth_row(f->out, &row);
	r = fixture_summarise(f);
	assert_int_equal(r->rounds, 1);
	assert_int_equal(r->failed, 1);
	assert_int_equal(r->skipped, 1);
	close_to(r->median_ns, 10);
	assert_string_equal(summary_status(r), "ok");
	assert_string_equal(samples_text(&f->samples, r->reason), "the copy differs");
}

static void platforms_accels_and_sides_stay_apart(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char *other;
	FILE *out = synth_file(f->directory, "other.csv", &other);

	put_round(f, row, (double[]){10}, 1);
	row.platform = "nosev";
	row.accel = "tcg";
	put_round(f, row, (double[]){500}, 1);
	row.accel = "kvm";
	put_round(f, row, (double[]){11}, 1);
	synth_header(out);
	row.ns = 120;
	synth_row(out, &row);
	fclose(out);
	fixture_close(f);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
	assert_int_equal(reader_read(&f->samples, other, 1, false, &f->e), 0);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	free(other);
	assert_int_equal(f->summary.count, 4);
	close_to(summary_find(&f->summary, 0, PLATFORM_NATIVE, ACCEL_NONE, 0)->median_ns, 10);
	close_to(summary_find(&f->summary, 0, PLATFORM_NOSEV, ACCEL_KVM, 0)->median_ns, 11);
	close_to(summary_find(&f->summary, 0, PLATFORM_NOSEV, ACCEL_KVM, 1)->median_ns, 12);
	close_to(summary_find(&f->summary, 0, PLATFORM_NOSEV, ACCEL_TCG, 0)->median_ns, 500);
	assert_null(summary_find(&f->summary, 0, PLATFORM_SNP, ACCEL_KVM, 0));
	assert_null(summary_find(&f->summary, 1, PLATFORM_NATIVE, ACCEL_NONE, 0));
	assert_int_equal(summary_reference(&f->summary), PLATFORM_NATIVE);
}

static void an_encrypted_platform_is_compared_with_the_plain_guest(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put_round(f, row, (double[]){10}, 1);
	row.accel = "kvm";
	row.platform = "nosev";
	put_round(f, row, (double[]){10}, 1);
	row.platform = "snp";
	put_round(f, row, (double[]){10}, 1);
	fixture_summarise(f);
	assert_int_equal(summary_reference(&f->summary), PLATFORM_NOSEV);
}

static char *read_text(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	assert_true(fread(text, 1, 65535, in) > 0);
	fclose(in);
	return text;
}

static void the_csv_leaves_unknown_numbers_empty(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char *path = synth_path(f->directory, "summary.csv"), *text;
	unsigned header = 0, fields = 0;

	row.params = "stride=64;chains=4";
	put_round(f, row, (double[]){10, 12, 11}, 3);
	row.platform = "sev";
	row.accel = "kvm";
	row.status = "skipped";
	row.reason = "no \"\"/dev/sev\"\", sorry";
	row.iterations = 0;
	synth_row(f->out, &row);
	fixture_summarise(f);
	assert_int_equal(summary_write(&f->summary, path, &f->e), 0);
	text = read_text(path);
	assert_non_null(strstr(text, "\n2,native,none,memcpy,avx2,1048576,1,4k,anon,random,"
	                             "stride=64;chains=4,latency,ok,1,0,0,3,11,11,,1,11,11,,,,,"));
	assert_non_null(strstr(
	        text, "latency,skipped,0,1,0,0,,,,,,,,,,,,,,,,,,,,,,,,,,,\"no \"\"/dev/sev\"\", "
	              "sorry\",,,,,,,,,,,,,,,\n"));
	for (char *c = text; *c != '\n'; c++)
		header += *c == ',';
	for (char *c = strchr(text, '\n') + 1; *c != '\n'; c++)
		fields += *c == ',';
	assert_int_equal(header, fields);
	assert_int_equal(summary_write(&f->summary, path, &f->e), -EEXIST);
	free(text);
	free(path);
}

struct on_pages {
	const char *run, *platform, *pages;
	double ns;
};

/* One sample of a cell a row, on a platform and its host pages; the last has no platform. */
static void measure_on_pages(struct fixture *f, const struct on_pages *rows)
{
	for (; rows->platform; rows++) {
		struct synth row = synth_default;

		row.run = rows->run;
		row.platform = rows->platform;
		row.accel = strcmp(rows->platform, "native") != 0 ? "kvm" : "none";
		row.host_pages = rows->pages;
		put_round(f, row, &rows->ns, 1);
	}
	fixture_summarise(f);
}

static void assert_target(const struct fixture *f, unsigned target, double ns)
{
	const struct summary_row *row = summary_find(
	        &f->summary, 0, target, target == PLATFORM_NATIVE ? ACCEL_NONE : ACCEL_KVM, 0);

	assert_non_null(row);
	close_to(row->median_ns, ns);
}

/* The smallest pages of a run are its usual ones; a guest on others is a column of its own. */
static void host_pages_tell_columns_apart(void **state)
{
	struct fixture *f = *state;
	char text[DIFFERENCE_TEXT];

	measure_on_pages(f, (struct on_pages[]){{"r1", "native", "", 9},
	                                        {"r1", "nosev", "thp", 20},
	                                        {"r1", "nosev", "4k", 30},
	                                        {"r1", "snp", "4k", 40},
	                                        {0}});
	assert_int_equal(f->summary.count, 4);
	assert_target(f, PLATFORM_NATIVE, 9);
	assert_target(f, PLATFORM_NOSEV, 30);
	assert_target(f, target_on(PLATFORM_NOSEV, MEM_THP), 20);
	assert_target(f, PLATFORM_SNP, 40);
	assert_int_equal(summary_reference(&f->summary), PLATFORM_NOSEV);
	assert_string_equal(difference_text(&f->summary, text),
	                    "Page size: nosev@thp against nosev. Encryption: snp against nosev.");
}

/* Guests that all have the same pages are the platforms, whatever pages those are. */
static void host_pages_that_all_have_name_nothing(void **state)
{
	struct fixture *f = *state;
	char text[DIFFERENCE_TEXT];

	measure_on_pages(f, (struct on_pages[]){{"r1", "nosev", "thp", 20},
	                                        {"r1", "sev", "thp", 30},
	                                        {"r2", "nosev", "4k", 20},
	                                        {"r3", "nosev", "", 20},
	                                        {0}});
	assert_int_equal(f->summary.count, 2);
	assert_target(f, PLATFORM_NOSEV, 20);
	assert_target(f, PLATFORM_SEV, 30);
	assert_string_equal(difference_text(&f->summary, text), "");
}

/* SNP has 4 KiB pages: a plain guest on huge ones alone is not what it compares with. */
static void no_plain_guest_on_the_same_pages(void **state)
{
	struct fixture *f = *state;
	char text[DIFFERENCE_TEXT];

	measure_on_pages(f, (struct on_pages[]){{"r1", "native", "", 9},
	                                        {"r1", "nosev", "2m", 20},
	                                        {"r1", "snp", "4k", 40},
	                                        {0}});
	assert_target(f, target_on(PLATFORM_NOSEV, MEM_2M), 20);
	assert_int_equal(summary_reference(&f->summary), PLATFORM_NATIVE);
	assert_non_null(strstr(difference_text(&f->summary, text), "at once"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(host_pages_tell_columns_apart),
	        T(host_pages_that_all_have_name_nothing),
	        T(no_plain_guest_on_the_same_pages),
	        T(a_round_weighs_the_same_however_long),
	        T(the_baseline_of_the_same_process_is_subtracted),
	        T(what_its_loop_costs_as_much_is_not_resolved),
	        T(rates_count_what_they_say),
	        T(percentiles_need_a_tail),
	        T(rounds_of_baselines_alone_do_not_count),
	        T(batches_have_no_percentiles),
	        T(failed_rounds_are_counted_and_not_used),
	        T(platforms_accels_and_sides_stay_apart),
	        T(an_encrypted_platform_is_compared_with_the_plain_guest),
	        T(the_csv_leaves_unknown_numbers_empty),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
