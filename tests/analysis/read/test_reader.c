/* SPDX-License-Identifier: MIT */
/* Rows, values and headers. Files that are damaged: test_reader_damage.c. */
#include <math.h>

#include "tests/analysis/reader_fixture.h"

static void good_rows_are_grouped(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	const struct samples_group *g;

	row.read = 64;
	row.written = 32;
	row.allocate = 16;
	row.cycles = 5000;
	row.unit = "bandwidth";
	put_good(f, 0);
	for (row.round = 1; row.round <= 2; row.round++)
		for (row.sample = 0; row.sample < 3; row.sample++) {
			row.ns = 1000 + row.sample;
			synth_row(f->out, &row);
		}
	row.round = 1;
	row.platform = "sev-es";
	row.accel = "kvm";
	row.sample = 0;
	row.series = "baseline";
	row.ns = 10;
	synth_row(f->out, &row);
	row.iterations = 0;
	row.platform = "snp";
	row.status = "skipped";
	row.series = "op";
	row.reason = "no /dev/sev, says \"\"KVM\"\"";
	synth_row(f->out, &row);

	assert_int_equal(finish(f, false), 0);
	assert_int_equal(f->samples.cell_count, 1);
	assert_int_equal(f->samples.group_count, 4);
	assert_int_equal(f->samples.sources[0].rows, 8);
	g = f->samples.groups;
	assert_int_equal(g[0].key.round, 1);
	assert_int_equal(g[1].key.round, 2);
	assert_int_equal(g[0].series[SERIES_OP].count, 3);
	assert_true(g[0].series[SERIES_OP].ns[2] == 100.2);
	assert_true(g[0].read == 64 && g[0].written == 32 && g[0].allocate == 16);
	assert_true(g[0].cycles == 5000 && isnan(g[0].instructions));
	assert_int_equal(g[0].iterations, 30);
	assert_int_equal(g[2].key.platform, PLATFORM_SEV_ES);
	assert_int_equal(g[2].series[SERIES_BASELINE].count, 1);
	assert_true(g[2].series[SERIES_BASELINE].ns[0] == 1);
	assert_int_equal(g[3].status, CELL_SKIPPED);
	assert_string_equal(samples_text(&f->samples, g[3].reason), "no /dev/sev, says \"KVM\"");
	assert_true(f->samples.cells[0].unit == UNIT_BANDWIDTH && f->samples.cells[0].known);
}

static void the_order_of_rows_does_not_matter(void **state)
{
	struct fixture *f = *state;
	static const char *const variants[] = {"0xb", "0x40000000", "0x1"};
	static const uint64_t sizes[] = {1 << 20, 4096, 1 << 16};
	struct synth row = synth_default;

	for (int v = 0; v < 3; v++)
		for (int s = 0; s < 3; s++) {
			row.variant = variants[v];
			row.size = sizes[s];
			synth_row(f->out, &row);
		}
	assert_int_equal(finish(f, false), 0);
	assert_int_equal(f->samples.cell_count, 9);
	for (size_t i = 0; i < 9; i++) {
		static const char *const sorted[] = {"0x1", "0xb", "0x40000000"};
		const struct samples_cell *c = &f->samples.cells[i];

		assert_string_equal(samples_text(&f->samples, c->key.variant), sorted[i / 3]);
		assert_true(i % 3 == 0 || c[-1].key.size < c->key.size);
		assert_int_equal(f->samples.groups[i].key.cell, i);
	}
}

static void crlf_and_a_byte_order_mark_are_read(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;
	size_t size = 0;
	FILE *lf = open_memstream(&text, &size);

	synth_header(lf);
	synth_row(lf, &synth_default);
	fclose(lf);
	rewind(f->out);
	fputs("\xef\xbb\xbf", f->out);
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\n')
			putc('\r', f->out);
		putc(text[i], f->out);
	}
	free(text);
	fputs("1,bad\r\n", f->out);
	expect_bad(f, "line 3:", "fields", 1);
}

static void quotes_and_line_breaks_in_a_reason_count_as_lines(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.status = "failed";
	row.reason = "it said:\n\"\"no\"\",\nand no more";
	synth_row(f->out, &row);
	fputs("1,bad\n", f->out);
	expect_bad(f, "line 5:", "fields", 1);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_string_equal(samples_text(&f->samples, f->samples.groups[0].reason),
	                    "it said:\n\"no\",\nand no more");
}

/* One column of the third line replaced. */
struct bad_value {
	enum result_column column;
	const char *value, *needle;
};

static void wrong_values_are_named(void **state)
{
	static const struct bad_value bad[] = {
	        {RESULT_ns, "nan", "ns is 'nan'"},
	        {RESULT_ns, "inf", "ns is 'inf'"},
	        {RESULT_ns, "-5", "ns is '-5', not a finite number that is not negative"},
	        {RESULT_ns, "12,5", "fields"},
	        {RESULT_ns, "0x10", "ns is"},
	        {RESULT_ns, "", "iterations without a time"},
	        {RESULT_ns, "\"1\n2\"", "ns is"},
	        {RESULT_iterations, "-3", "iterations is '-3'"},
	        {RESULT_iterations, "1.5", "iterations is"},
	        {RESULT_iterations, "0", "a time without iterations"},
	        {RESULT_iterations, "99999999999999999999999", "iterations is"},
	        {RESULT_round, "4294967296", "round is"},
	        {RESULT_size, "64M", "size is '64M'"},
	        {RESULT_platform, "sevsnp", "platform is 'sevsnp', not one of native, nosev"},
	        {RESULT_accel, "", "accel is ''"},
	        {RESULT_series, "opp", "series is 'opp', not one of op, baseline"},
	        {RESULT_status, "OK", "status is"},
	        {RESULT_status, "skipped", "skipped with a time"},
	        {RESULT_unit, "latency", NULL},
	        {RESULT_unit, "furlong", "unit is 'furlong'"},
	        {RESULT_single_shot, "2", "single_shot is '2'"},
	        {RESULT_kernel, "", "kernel or variant is empty"},
	        {RESULT_schema, "x", "schema is 'x'"},
	        {RESULT_schema, "0", "schema is '0'"},
	        {RESULT_schema, "1", "schema 1 in a file that began with schema 2"},
	        {RESULT_sample, "0", "comes after sample 0"},
	        {RESULT_sample, "4294967295", "more than a series can have"},
	        {RESULT_tsc_hz, "fast", "tsc_hz is 'fast'"},
	        {RESULT_ticks, "-1", "ticks is '-1'"},
	        {RESULT_bytes_read, "NaN", "bytes_read is 'NaN'"},
	        {RESULT_exits, "-1", "exits is '-1'"},
	        {RESULT_exits_halt, "many", "exits_halt is 'many'"},
	        {RESULT_vc, "-1", "vc is '-1'"},
	        {RESULT_pvalidate, "x", "pvalidate is 'x'"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fixture *f = *state;

		put_good(f, 1);
		put_with(f->out, bad[i].column, bad[i].value);
		if (bad[i].needle)
			expect_bad(f, "line 3:", bad[i].needle, 1);
		else
			assert_int_equal(finish(f, false), 0);
		tear_down(state);
		set_up(state);
	}
}

/* What sevbench wrote before there were exits: the columns are absent, and so is what they say. */
static void schema_1_is_read_without_its_exits(void **state)
{
	struct fixture *f = *state;

	rewind(f->out);
	assert_int_equal(ftruncate(fileno(f->out), 0), 0);
	fputs("schema,run,round,platform,accel,kernel,variant,size,threads,series,sample,"
	      "iterations,ns,status,reason,unit,interrupts\n"
	      "1,r,1,nosev,kvm,cpuid,0x0,,1,op,0,10,1000,ok,,latency,\n",
	      f->out);
	assert_int_equal(finish(f, false), 0);
	assert_int_equal(f->samples.group_count, 1);
	for (int i = 0; i < SAMPLES_EXITS_COUNT; i++)
		assert_true(isnan(f->samples.groups[0].exits[i]));
	for (int i = 0; i < SAMPLES_SEV_COUNT; i++)
		assert_true(isnan(f->samples.groups[0].sev[i]));
}

static void exits_are_read(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.exits = 1.25;
	row.exits_irq = 0.125;
	synth_row(f->out, &row);
	assert_int_equal(finish(f, false), 0);
	assert_true(f->samples.groups[0].exits[SAMPLES_EXITS_ALL] == 1.25);
	assert_true(f->samples.groups[0].exits[SAMPLES_EXITS_IRQ] == 0.125);
	assert_true(isnan(f->samples.groups[0].exits[SAMPLES_EXITS_IO]));
}

static void what_an_emulated_processor_counted_is_read(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.vc = 1.5;
	row.vmgexit = 0.25;
	synth_row(f->out, &row);
	assert_int_equal(finish(f, false), 0);
	assert_true(f->samples.groups[0].sev[SAMPLES_SEV_VC] == 1.5);
	assert_true(f->samples.groups[0].sev[SAMPLES_SEV_VMGEXIT] == 0.25);
	assert_true(f->samples.groups[0].sev[SAMPLES_SEV_PAGE_STATES] == 0);
	assert_true(f->samples.groups[0].sev[SAMPLES_SEV_PVALIDATE] == 0);
	assert_true(isnan(f->samples.groups[0].exits[SAMPLES_EXITS_ALL]));
}

static void a_newer_schema_is_refused_even_in_parts(void **state)
{
	struct fixture *f = *state;

	put_good(f, 1);
	put_with(f->out, RESULT_schema, "3");
	assert_int_equal(finish(f, false), -EPROTONOSUPPORT);
	expect_says(f->e.text, "line 3: schema 3 is newer than this program, which reads up to 2");
	samples_free(&f->samples);
	assert_int_equal(reader_read(&f->samples, f->path, 0, true, &f->e), -EPROTONOSUPPORT);
}

static void headers_are_checked(void **state)
{
	struct fixture *f = *state;

	rewind(f->out);
	assert_int_equal(ftruncate(fileno(f->out), 0), 0);
	fputs("schema,run,round,name\n1,2,3,4\n", f->out);
	assert_int_equal(finish(f, true), -EINVAL);
	expect_says(f->e.text, "line 1: the header has no column platform");
}

static void a_column_twice_is_refused(void **state)
{
	struct fixture *f = *state;

	rewind(f->out);
	fputs("schema,run,schema", f->out);
	assert_int_equal(finish(f, false), -EINVAL);
	expect_says(f->e.text, "line 1:");
}

static void columns_may_move_and_be_added(void **state)
{
	struct fixture *f = *state;

	rewind(f->out);
	assert_int_equal(ftruncate(fileno(f->out), 0), 0);
	fputs("colour,ns,schema,run,round,platform,accel,kernel,variant,size,threads,series,sample,"
	      "iterations,status,reason\nred,50,1,r,1,native,none,k,v,,1,op,0,10,ok,\n",
	      f->out);
	assert_int_equal(finish(f, false), 0);
	assert_true(f->samples.groups[0].series[SERIES_OP].ns[0] == 5);
	assert_true(isnan(f->samples.groups[0].read));
}

static void ten_thousand_kernels_fit(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char name[32];

	row.kernel = name;
	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		synth_row(f->out, &row);
	}
	assert_int_equal(finish(f, false), 0);
	assert_int_equal(f->samples.cell_count, 10000);
	assert_string_equal(samples_text(&f->samples, f->samples.cells[9999].key.kernel), "k9999");
}

static void a_cell_has_one_unit(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put_good(f, 1);
	row.round = 2;
	row.unit = "bandwidth";
	synth_row(f->out, &row);
	expect_bad(f, "line 3:", "unit or single_shot of memcpy/avx2", 1);
}

static void a_skip_twice_is_refused(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.iterations = 0;
	row.status = "skipped";
	row.reason = "no";
	synth_row(f->out, &row);
	synth_row(f->out, &row);
	expect_bad(f, "line 3:", "second row without a sample", 1);
}

static void a_file_twice_is_refused(void **state)
{
	struct fixture *f = *state;

	put_good(f, 1);
	assert_int_equal(finish(f, false), 0);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), -EINVAL);
	expect_says(f->e.text, "are the same file");
}

static void a_copy_of_a_run_is_refused_on_one_side(void **state)
{
	struct fixture *f = *state;
	char *copy;
	FILE *out = synth_file(f->directory, "copy.csv", &copy);

	synth_header(out);
	synth_row(out, &synth_default);
	fclose(out);
	put_good(f, 1);
	fixture_close(f);
	for (unsigned side = 0; side < 2; side++) {
		assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
		assert_int_equal(reader_read(&f->samples, copy, side, false, &f->e), 0);
		assert_int_equal(samples_sort(&f->samples, &f->e), side ? 0 : -EINVAL);
		if (!side)
			expect_says(f->e.text, "both hold round 1 of run r1");
		samples_free(&f->samples);
	}
	free(copy);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(good_rows_are_grouped),
	        T(the_order_of_rows_does_not_matter),
	        T(crlf_and_a_byte_order_mark_are_read),
	        T(quotes_and_line_breaks_in_a_reason_count_as_lines),
	        T(wrong_values_are_named),
	        T(schema_1_is_read_without_its_exits),
	        T(exits_are_read),
	        T(what_an_emulated_processor_counted_is_read),
	        T(a_newer_schema_is_refused_even_in_parts),
	        T(headers_are_checked),
	        T(a_column_twice_is_refused),
	        T(columns_may_move_and_be_added),
	        T(ten_thousand_kernels_fit),
	        T(a_cell_has_one_unit),
	        T(a_skip_twice_is_refused),
	        T(a_file_twice_is_refused),
	        T(a_copy_of_a_run_is_refused_on_one_side),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
