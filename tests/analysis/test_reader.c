/* SPDX-License-Identifier: MIT */
#include "analysis/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/analysis/synth.h"

struct fixture {
	char *directory, *path;
	FILE *out;
	struct samples samples;
	struct err e;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->directory = synth_directory();
	f->out = synth_file(f->directory, "samples.csv", &f->path);
	synth_header(f->out);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->out)
		fclose(f->out);
	samples_free(&f->samples);
	synth_remove(f->directory);
	free(f->path);
	free(f);
	return 0;
}

/* The header names the columns; the tests put bad values where they stand. */
static void put_good(struct fixture *f, unsigned count)
{
	struct synth row = synth_default;

	for (row.sample = 0; row.sample < count; row.sample++)
		synth_row(f->out, &row);
}

static int finish(struct fixture *f, bool partial)
{
	int rc;

	fclose(f->out);
	f->out = NULL;
	rc = reader_read(&f->samples, f->directory, 0, partial, &f->e);
	return rc ? rc : samples_sort(&f->samples, &f->e);
}

static void expect_says(const char *text, const char *needle)
{
	if (!strstr(text, needle))
		fail_msg("\"%s\" does not say \"%s\"", text, needle);
}

/* Refused with file, line and `needle`; with --partial the other rows are taken. */
static void expect_bad(struct fixture *f, const char *line, const char *needle, unsigned good)
{
	char *again = f->path;

	assert_int_equal(finish(f, false), -EINVAL);
	expect_says(f->e.text, again);
	expect_says(f->e.text, line);
	expect_says(f->e.text, needle);
	samples_free(&f->samples);
	assert_int_equal(reader_read(&f->samples, f->path, 0, true, &f->e), 0);
	assert_int_equal(f->samples.sources[0].rows, good);
	expect_says(f->samples.sources[0].problem.text, line);
}

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

static void put_with(FILE *out, enum result_column column, const char *value)
{
	char *text = NULL, *field, *rest;
	size_t size = 0;
	FILE *line = open_memstream(&text, &size);
	struct synth row = synth_default;
	int i = 0;

	row.sample = 1;
	synth_row(line, &row);
	fclose(line);
	text[size - 1] = '\0';
	rest = text;
	while ((field = strsep(&rest, ","))) {
		fprintf(out, "%s%s", i ? "," : "", i == (int)column ? value : field);
		i++;
	}
	putc('\n', out);
	free(text);
}

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
	        {RESULT_sample, "0", "comes after sample 0"},
	        {RESULT_sample, "4294967295", "more than a series can have"},
	        {RESULT_tsc_hz, "fast", "tsc_hz is 'fast'"},
	        {RESULT_ticks, "-1", "ticks is '-1'"},
	        {RESULT_bytes_read, "NaN", "bytes_read is 'NaN'"},
	        {RESULT_exits, "-1", "exits is '-1'"},
	        {RESULT_exits_halt, "many", "exits_halt is 'many'"},
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

static void a_file_cut_in_a_line_is_told(void **state)
{
	struct fixture *f = *state;

	put_good(f, 3);
	fseek(f->out, -20, SEEK_END);
	assert_int_equal(ftruncate(fileno(f->out), ftell(f->out)), 0);
	expect_bad(f, "line 4:", "ends in the middle", 2);
	assert_true(f->samples.sources[0].cut);
}

static void the_end_mark_must_agree(void **state)
{
	struct fixture *f = *state;

	put_good(f, 3);
	fputs("#end,rows=4\n", f->out);
	expect_bad(f, "line 5:", "counts 4 rows, but 3", 3);
}

static void a_stream_with_its_end_mark_is_read(void **state)
{
	struct fixture *f = *state;

	put_good(f, 3);
	fputs("#end,rows=3\n", f->out);
	assert_int_equal(finish(f, false), 0);
	assert_int_equal(f->samples.sources[0].rows, 3);
}

static void nothing_may_follow_the_end_mark(void **state)
{
	struct fixture *f = *state;

	put_good(f, 1);
	fputs("#end,rows=1\n", f->out);
	put_with(f->out, RESULT_sample, "1");
	expect_bad(f, "line 4:", "behind the end mark", 1);
}

static void an_odd_comment_is_no_end_mark(void **state)
{
	struct fixture *f = *state;

	fputs("#end,of,a,very,long,line,that,does,not,fit,into,the,room,for,a,mark,at,all,or\n",
	      f->out);
	put_good(f, 1);
	expect_bad(f, "line 2:", "no end mark", 0);
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

static void an_empty_file_is_refused(void **state)
{
	struct fixture *f = *state;

	rewind(f->out);
	assert_int_equal(ftruncate(fileno(f->out), 0), 0);
	assert_int_equal(finish(f, true), -EINVAL);
	expect_says(f->e.text, "line 1: the file is empty");
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

static void a_quote_that_is_never_closed_is_told(void **state)
{
	struct fixture *f = *state;

	put_good(f, 1);
	fputs("1,\"r1,1,native\n", f->out);
	put_good(f, 2);
	expect_bad(f, "line 3:", "quote", 1);
}

static void a_quote_inside_a_field_is_told(void **state)
{
	struct fixture *f = *state;

	put_good(f, 1);
	put_with(f->out, RESULT_reason, "it \"is\" bad");
	put_good(f, 1);
	expect_bad(f, "line 3:", "quote", 1);
}

/* Sparse, so that it takes no disk; NUL bytes are as good as any others. */
static void a_gigabyte_in_one_line_ends_early(void **state)
{
	struct fixture *f = *state;
	struct timespec begin, end;

	put_good(f, 1);
	fflush(f->out);
	assert_int_equal(ftruncate(fileno(f->out), 1L << 30), 0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(finish(f, false), -EINVAL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	expect_says(f->e.text, "line 3: a field of more than 1048576 bytes");
	assert_true(end.tv_sec - begin.tv_sec < 5);
}

static void a_line_of_many_fields_is_one_bad_row(void **state)
{
	struct fixture *f = *state;

	put_good(f, 1);
	for (int i = 0; i < 3000000; i++)
		fputs("1,", f->out);
	putc('\n', f->out);
	expect_bad(f, "line 3:", "3000001 fields", 1);
}

static void nul_bytes_are_refused(void **state)
{
	struct fixture *f = *state;

	put_good(f, 1);
	fwrite("2,r\0x,", 1, 6, f->out);
	fputs("1,native,none,k,v,,1,,,,op,1,10,5,5,0,0,ok,,,,,,,,,,,,,,,,latency,,,,,,\n", f->out);
	expect_bad(f, "line 3:", "NUL", 1);
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

static void a_crash_keeps_what_arrived(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put_good(f, 2);
	row.iterations = 0;
	row.status = "failed";
	row.reason = "killed by signal 9";
	synth_row(f->out, &row);
	assert_int_equal(finish(f, false), 0);
	assert_int_equal(f->samples.group_count, 1);
	assert_int_equal(f->samples.groups[0].status, CELL_FAILED);
	assert_int_equal(f->samples.groups[0].series[SERIES_OP].count, 2);
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
	fclose(f->out);
	f->out = NULL;
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

static void an_unfinished_run_needs_partial(void **state)
{
	struct fixture *f = *state;
	char *partial = synth_path(f->directory, "samples.csv.partial");

	put_good(f, 2);
	fclose(f->out);
	f->out = NULL;
	assert_int_equal(rename(f->path, partial), 0);
	assert_int_equal(reader_read(&f->samples, f->directory, 0, false, &f->e), -ENODATA);
	expect_says(f->e.text, "--partial");
	assert_int_equal(reader_read(&f->samples, f->directory, 0, true, &f->e), 0);
	assert_int_equal(f->samples.sources[0].rows, 2);
	free(partial);
}

static void what_cannot_be_opened_is_named(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(reader_read(&f->samples, "/nonexistent/run", 0, false, &f->e), -ENOENT);
	expect_says(f->e.text, "/nonexistent/run");
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(reader_read(&f->samples, f->directory, 0, true, &f->e), -ENOENT);
	expect_says(f->e.text, "samples.csv");
}

/* Grows the file that is being read. */
static void *append(void *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	for (int i = 0; i < 2000; i++) {
		if (write(fd, "\n", 1) != 1)
			break;
		usleep(1000);
	}
	close(fd);
	return NULL;
}

static void a_file_that_changes_is_refused(void **state)
{
	struct fixture *f = *state;
	pthread_t writer;

	put_good(f, 200000);
	fclose(f->out);
	f->out = NULL;
	assert_int_equal(pthread_create(&writer, NULL, append, f->path), 0);
	usleep(5000);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), -EAGAIN);
	pthread_join(writer, NULL);
	expect_says(f->e.text, "changed while it was read");
	expect_says(f->e.text, "line ");
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
	        T(a_newer_schema_is_refused_even_in_parts),
	        T(a_file_cut_in_a_line_is_told),
	        T(the_end_mark_must_agree),
	        T(a_stream_with_its_end_mark_is_read),
	        T(nothing_may_follow_the_end_mark),
	        T(an_odd_comment_is_no_end_mark),
	        T(headers_are_checked),
	        T(a_column_twice_is_refused),
	        T(an_empty_file_is_refused),
	        T(columns_may_move_and_be_added),
	        T(a_quote_that_is_never_closed_is_told),
	        T(a_quote_inside_a_field_is_told),
	        T(a_gigabyte_in_one_line_ends_early),
	        T(a_line_of_many_fields_is_one_bad_row),
	        T(nul_bytes_are_refused),
	        T(ten_thousand_kernels_fit),
	        T(a_crash_keeps_what_arrived),
	        T(a_cell_has_one_unit),
	        T(a_skip_twice_is_refused),
	        T(a_file_twice_is_refused),
	        T(a_copy_of_a_run_is_refused_on_one_side),
	        T(an_unfinished_run_needs_partial),
	        T(what_cannot_be_opened_is_named),
	        T(a_file_that_changes_is_refused),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
