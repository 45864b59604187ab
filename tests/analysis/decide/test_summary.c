/* SPDX-License-Identifier: MIT */
#include "analysis/decide/summary.h"

#include "analysis/decide/difference.h"
#include "tests/analysis/summary_fixture.h"

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

/* Guests of others: what cannot be told is no encrypted guest, and no plain one either. */
static void guests_of_others_are_columns_of_their_own(void **state)
{
	static const char *const platforms[] = {"nosev", "snp", "snp-vtom", "tdx", "unknown"};
	struct fixture *f = *state;
	struct synth row = synth_default;
	char text[DIFFERENCE_ABOUT], difference[DIFFERENCE_TEXT];

	row.accel = "kvm";
	for (size_t i = 0; i < sizeof(platforms) / sizeof(*platforms); i++) {
		row.platform = platforms[i];
		row.host_pages = i ? "" : "thp"; /* so that differences are spelt out */
		put_round(f, row, (double[]){10 + (double)i}, 1);
	}
	row.platform = "nosev";
	row.host_pages = "4k";
	put_round(f, row, (double[]){9}, 1);
	fixture_summarise(f);
	close_to(summary_find(&f->summary, 0, PLATFORM_SNP, ACCEL_KVM, 0)->median_ns, 11);
	close_to(summary_find(&f->summary, 0, PLATFORM_SNP_VTOM, ACCEL_KVM, 0)->median_ns, 12);
	close_to(summary_find(&f->summary, 0, PLATFORM_TDX, ACCEL_KVM, 0)->median_ns, 13);
	close_to(summary_find(&f->summary, 0, PLATFORM_UNKNOWN, ACCEL_KVM, 0)->median_ns, 14);
	assert_int_equal(summary_reference(&f->summary), PLATFORM_NOSEV);
	assert_non_null(strstr(difference_text(&f->summary, difference),
	                       "snp-vtom against nosev, tdx against nosev."));
	assert_null(strstr(difference, "unknown"));
	difference_about(&f->summary, text);
	assert_int_equal(strncmp(text, "snp-vtom: a guest with SEV-SNP below a paravisor", 48), 0);
	assert_non_null(strstr(text, ". tdx: a guest with Intel's TDX, which is no SEV"));
	assert_non_null(strstr(text, ". unknown: a guest of which nothing told whether"));
	assert_int_equal(text[strlen(text) - 1], '.');
}

static void only_guests_of_others_need_a_word(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char text[DIFFERENCE_ABOUT];

	row.accel = "kvm";
	row.platform = "nosev";
	put_round(f, row, (double[]){10}, 1);
	row.platform = "snp";
	put_round(f, row, (double[]){10}, 1);
	fixture_summarise(f);
	assert_string_equal(difference_about(&f->summary, text), "");
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
	/* Where that is emulated nothing is encrypted, and no difference is of that. */
	for (size_t i = 0; i < f->summary.count; i++)
		if (f->summary.rows[i].platform == PLATFORM_SNP)
			f->summary.rows[i].accel = ACCEL_TCG;
	assert_string_equal(difference_text(&f->summary, text),
	                    "Page size: nosev@thp against nosev. ");
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
	        T(platforms_accels_and_sides_stay_apart),
	        T(an_encrypted_platform_is_compared_with_the_plain_guest),
	        T(guests_of_others_are_columns_of_their_own),
	        T(only_guests_of_others_need_a_word),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
