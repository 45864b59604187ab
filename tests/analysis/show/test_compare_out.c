/* SPDX-License-Identifier: MIT */
#include "analysis/show/compare_out.h"

#include "analysis/show/table.h"
#include "tests/analysis/compare_fixture.h"

static void the_page_is_narrow_and_explains_itself(void **state)
{
	struct fixture *f = *state;
	struct synth row = guest();
	char *text;
	size_t column = 0;

	row.accel = "tcg";
	put(f->out, synth_default, ROUNDS(100, 101, 99));
	put(f->out, row, ROUNDS(2000, 2010, 1990));
	row.variant = "other";
	put(f->out, row, ROUNDS(2000));
	assert_int_equal(finish(f), 0);
	compare_free(&f->compare);
	text = bytes_of(&f->summary, &f->options, f->directory);
	if (getenv("SHOW"))
		fputs(text, stderr);
	for (const char *c = text; *c && strncmp(c, "schema,", 7) != 0; c++) {
		column = *c == '\n' ? 0 : column + 1;
		assert_true(column <= TABLE_WIDTH);
	}
	assert_non_null(strstr(text, "against native"));
	assert_non_null(strstr(text, "nosev*"));
	assert_non_null(strstr(text, "emulated (TCG)"));
	assert_non_null(strstr(text, " none\n"));
	assert_null(strstr(text, " slower\n"));
	assert_non_null(strstr(text, "no verdict is passed"));
	assert_non_null(strstr(text, "[1] the reference was not measured"));
	assert_non_null(strstr(text, "\n2,cell,memcpy,avx2,1048576,1,4k,anon,random,,nosev,tcg,"
	                             "native,none,3,3,paired,"));
	assert_non_null(strstr(text, "\n2,kernel,memcpy,,,,,,,,nosev,tcg,native,,,,,"));
	free(text);
}

/* A ratio of 0.003 has as many digits as one of 300, and a row keeps its columns. */
static void ratios_far_from_one_keep_their_digits(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default, other = guest();
	char *text;

	row.iterations = other.iterations = 10000;
	put(f->out, row, ROUNDS(9999.9, 10000, 10000.1));
	put(f->out, other, ROUNDS(31.2, 31.2, 31.2));
	assert_int_equal(finish(f), 0);
	compare_free(&f->compare);
	text = bytes_of(&f->summary, &f->options, f->directory);
	assert_non_null(strstr(text, "nosev       0.00312 [0.00312, 0.00312]       1"));
	assert_non_null(strstr(text, " 0.00312 [0.00312, 0.00312] <0.0001 <0.01% faster"));
	assert_non_null(strstr(text, ",paired,0.00312,0.0031199"));
	free(text);
}

/* Not a row of zeros, which look like counts. */
static void a_kernel_without_a_comparable_cell_says_why(void **state)
{
	struct fixture *f = *state;
	struct synth row = guest();
	char *text;

	put(f->out, synth_default, ROUNDS(100, 101, 99));
	put(f->out, row, ROUNDS(200, 201, 199));
	row.kernel = "cpuid";
	put(f->out, row, ROUNDS(2000, 2010));
	assert_int_equal(finish(f), 0);
	assert_int_equal(f->compare.kernel_count, 2);
	compare_free(&f->compare);
	text = bytes_of(&f->summary, &f->options, f->directory);
	assert_non_null(strstr(text, "\ncpuid            nosev       none comparable [1]\n"));
	assert_non_null(strstr(text, "\n[1] the reference was not measured\n"));
	assert_non_null(strstr(text, "\n2,kernel,cpuid,,,,,,,,nosev,kvm,native,,,,,,,,,,,"
	                             "the reference was not measured,,,,,,,,,\n"));
	free(text);
}

/* How many cells of which kernel on which platform, and why. */
static void cells_without_result_are_left_out_aloud(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char *text;

	put(f->out, row, ROUNDS(100, 101, 99));
	put(f->out, guest(), ROUNDS(200, 201, 199));
	row.kernel = "mmio";
	row.iterations = 0;
	row.status = "skipped";
	row.reason = "no device";
	row.variant = "read";
	synth_row(f->out, &row);
	row.variant = "write";
	synth_row(f->out, &row);
	row.platform = "snp";
	row.accel = "tcg";
	synth_row(f->out, &row);
	assert_int_equal(finish(f), 0);
	compare_free(&f->compare);
	text = bytes_of(&f->summary, &f->options, f->directory);
	if (!strstr(text, "\nLeft out, as they have no result:\n"
	                  "  mmio             2 cells on native [1], 1 cell on snp* [1]\n"
	                  "\n[1] skipped on native and snp: no device\n"))
		fail_msg("%s", text);
	free(text);
}

/* The owner of a cloud's guest reads what the column is, and no verdict of a plain guest. */
static void guests_of_others_say_what_they_are(void **state)
{
	struct fixture *f = *state;
	struct synth row = guest();
	char *text;

	put(f->out, row, ROUNDS(100, 101, 99));
	row.accel = "unknown";
	row.platform = "snp-vtom";
	put(f->out, row, ROUNDS(200, 201, 199));
	assert_int_equal(finish(f), 0);
	text = bytes_of(&f->summary, &f->options, f->directory);
	if (getenv("SHOW"))
		fputs(text, stderr);
	assert_non_null(strstr(text, "Each platform against nosev."));
	assert_non_null(strstr(text, "\nsnp-vtom: a guest with SEV-SNP below a paravisor"));
	assert_non_null(strstr(text, ",snp-vtom,unknown,nosev,kvm,3,3,"));
	free(text);
}

/* 1e307 of 1e-300 is no number: the largest stands there. Columns are as wide as what is in them.
 */
static void what_no_column_has_room_for_is_bounded(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default, other = guest();
	size_t q = 0;

	row.kernel = other.kernel = "a_kernel_with_a_long_name";
	put(f->out, row, ROUNDS(1e-3, 1e-3, 1.1e-3));
	put(f->out, other, ROUNDS(1e15, 3e16, 2e15));
	row.variant = other.variant = "sse2";
	put(f->out, row, ROUNDS(100, 101, 102));
	put(f->out, other, ROUNDS(200, 201, 202));
	fixture_summarise(f);
	for (size_t i = 0; i < f->samples.group_count; i++)
		for (uint32_t k = 0; k < f->samples.groups[i].series[SERIES_OP].count; k++) {
			double *ns = &f->samples.groups[i].series[SERIES_OP].ns[k];

			*ns *= *ns < 1 ? 1e-299 : *ns > 1e14 ? 1e291 : 1;
		}
	f->summary.rows[1].exits[SAMPLES_EXITS_ALL] = 1e300;
	f->summary.rows[3].exits[SAMPLES_EXITS_ALL] = 1;
	free(f->text);
	f->text = bytes_of(&f->summary, &f->options, f->directory);
	if (getenv("SHOW"))
		fputs(f->text, stderr);
	assert_non_null(strstr(f->text, "\na_kernel_with... "));
	assert_non_null(strstr(f->text, "1.80e+308"));
	assert_non_null(strstr(f->text, " 1e+300 "));
	assert_null(strstr(f->text, "inf"));
	for (const char *line = strstr(f->text, "\nvariant");
	     line && strncmp(line, "\nschema", 7) != 0; line = strchr(line + 1, '\n')) {
		size_t width = strcspn(line + 1, "\n");
		const char *end = strstr(line, line[1] == 'v' ? "  exits verdict" : "undecided");

		if (!end || end > line + width)
			end = strstr(line, "slower");
		assert_non_null(end);
		if (line[1] == 'v')
			end += strlen("  exits ");
		assert_true(width <= TABLE_WIDTH && (!q || q == (size_t)(end - line)));
		q = (size_t)(end - line);
	}
	assert_true(q > 0);
}

/* A failed round is not used, and is not kept silent about. */
static void rounds_that_failed_have_a_note(void **state)
{
	struct fixture *f = *state;
	struct synth row = guest();
	char *text;

	put(f->out, synth_default, ROUNDS(100, 101, 99, 100));
	put(f->out, row, ROUNDS(200, 201, 199));
	row.iterations = 0;
	row.round = 4;
	row.status = "failed";
	row.reason = "it broke";
	synth_row(f->out, &row);
	assert_int_equal(finish(f), 0);
	compare_free(&f->compare);
	text = bytes_of(&f->summary, &f->options, f->directory);
	assert_non_null(strstr(text, " slower [1]\n"));
	assert_non_null(strstr(text, "[1] failed on nosev in 1 of 4 rounds: it broke"));
	assert_non_null(strstr(text, "has fewer: 3. In 1 of 1 cells"));
	free(text);
}

/* Whether rounds or samples may tell: the samples of a round scatter by 1 %, rounds by more. */
static void what_may_tell_stands_beside_an_open_verdict(void **state)
{
	struct fixture *f = *state;
	char *text;

	put(f->out, synth_default, ROUNDS(100, 110, 95));
	put(f->out, guest(), ROUNDS(110, 100, 101));
	assert_int_equal(finish(f), 0);
	compare_free(&f->compare);
	text = bytes_of(&f->summary, &f->options, f->directory);
	assert_non_null(strstr(text, " undecided: rounds\n"));
	assert_non_null(strstr(text, ",undecided,,"));
	assert_non_null(strstr(text, ",launches,0,0\n"));
	assert_non_null(strstr(text, "the others: the scatter of launches 1."));
	free(text);
}

static void one_platform_alone_is_nothing_to_compare(void **state)
{
	struct fixture *f = *state;
	char *text;

	put(f->out, synth_default, ROUNDS(100, 101, 99));
	assert_int_equal(finish(f), 0);
	text = bytes_of(&f->summary, &f->options, f->directory);
	assert_non_null(strstr(text, "only one platform was measured"));
	free(text);
}

/* Two rounds of a cell of an operation that takes `ns`, 10000 of them, and so many exits each. */
static void put_exits(struct fixture *f, const char *platform, const char *kernel,
                      const char *variant, double ns, double exits, double irq)
{
	struct synth row = synth_default;

	row.platform = platform;
	row.accel = "kvm";
	row.kernel = kernel;
	row.variant = variant;
	row.size = 0;
	row.iterations = 10000;
	row.exits = exits;
	row.exits_irq = irq;
	for (row.round = 1; row.round <= 2; row.round++) {
		row.ns = ns * 10000 * (platform[1] == 'n' ? 1 + 1e-5 * row.round : 1);
		synth_row(f->out, &row);
	}
}

static void expect(const struct fixture *f, const char *needle)
{
	if (!strstr(f->text, needle))
		fail_msg("no \"%s\" in:\n%s", needle, f->text);
}

static void a_wrong_cell_is_marked_with_both_numbers(void **state)
{
	static const struct table_options options = {.reference = TABLE_REFERENCE_AUTO};
	struct fixture *f = *state;
	FILE *out = fixture_page(f);

	put_exits(f, "nosev", "cpuid", "0x0", 1200, 1.01, 0.01);
	put_exits(f, "snp", "cpuid", "0x0", 650, 1.01, 0.01);
	put_exits(f, "nosev", "cpuid", "0xb", 1200, 1.01, 0.01);
	put_exits(f, "snp", "cpuid", "0xb", 3900, 1.01, 0.01);
	fixture_summarise(f);
	assert_int_equal(table_print(out, &f->summary, &options, &f->e), 0);
	fclose(out);
	expect(f, "0.542x [1]\n");
	expect(f, "3.25x\n");
	expect(f, "[1] exits on snp: KVM counted 1 of an operation");
	expect(f, "where 0 are");

	assert_int_equal(compare_make(&f->summary, &f->options, &f->compare, &f->e), 0);
	out = fixture_page(f);
	assert_int_equal(compare_out_print(out, &f->compare, &f->e), 0);
	fclose(out);
	expect(f, "  exits verdict\n");
	expect(f, "  1.01 faster [1]\n");
	expect(f, "  1.01 slower\n");
	expect(f, "where 0 are");
}

static void so_is_one_whose_processor_is_emulated(void **state)
{
	static const struct table_options options = {.reference = TABLE_REFERENCE_AUTO};
	struct synth row = synth_default;
	struct fixture *f = *state;
	FILE *out = fixture_page(f);

	row.platform = "snp";
	row.accel = "tcg";
	row.kernel = "cpuid";
	row.variant = "0x0";
	row.size = 0;
	row.iterations = 10000;
	row.vc = row.vmgexit = 1;
	synth_row(f->out, &row);
	fixture_summarise(f);
	assert_int_equal(table_print(out, &f->summary, &options, &f->e), 0);
	fclose(out);
	expect(f, "[1] #VC on snp: the emulated processor counted 1 #VC and 1 VMGEXIT");
}

/* Runs of before and now; three rounds each. */
static void put_runs(struct fixture *f, unsigned now, unsigned before)
{
	struct synth row = guest();
	char name[16], *old;
	FILE *out = synth_file(f->directory, "old.csv", &old);

	synth_header(out);
	row.run = name;
	for (unsigned i = 0; i < now + before; i++) {
		double ns = 1000 + 3 * (i % 3);

		snprintf(name, sizeof(name), "run%u", i);
		put(i < now ? f->out : out, row, ROUNDS(ns, 1.002 * ns, 0.999 * ns));
	}
	fclose(out);
	fixture_close(f);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
	assert_int_equal(reader_read(&f->samples, old, 1, false, &f->e), 0);
	free(old);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	f->options.sides = true;
	free(f->text);
	f->text = bytes_of(&f->summary, &f->options, f->directory);
}

static void a_single_run_of_each_side_holds_no_difference_of_runs(void **state)
{
	struct fixture *f = *state;

	put_runs(f, 1, 1);
	assert_non_null(strstr(f->text, "1 cell is of one run a side: what differs from run to run "
	                                "with nothing"));
	assert_null(strstr(f->text, "Runs are what scatters"));
}

static void several_runs_are_the_unit(void **state)
{
	struct fixture *f = *state;

	put_runs(f, 3, 2);
	assert_non_null(strstr(f->text, "Runs are what scatters: at least 3 now and 2 before of a "
	                                "cell"));
	assert_null(strstr(f->text, "one run a side"));
	assert_non_null(strstr(f->text, ",9,6,apart,"));
	assert_non_null(strstr(f->text, ",3,2\n"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(the_page_is_narrow_and_explains_itself),
	        T(ratios_far_from_one_keep_their_digits),
	        T(a_kernel_without_a_comparable_cell_says_why),
	        T(cells_without_result_are_left_out_aloud),
	        T(what_no_column_has_room_for_is_bounded),
	        T(a_single_run_of_each_side_holds_no_difference_of_runs),
	        T(several_runs_are_the_unit),
	        T(rounds_that_failed_have_a_note),
	        T(what_may_tell_stands_beside_an_open_verdict),
	        T(one_platform_alone_is_nothing_to_compare),
	        T(guests_of_others_say_what_they_are),
	        T(a_wrong_cell_is_marked_with_both_numbers),
	        T(so_is_one_whose_processor_is_emulated),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
