/* SPDX-License-Identifier: MIT */
/* Files that are cut, open, changing, or no files of ours at all. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "tests/analysis/reader_fixture.h"

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

static void an_empty_file_is_refused(void **state)
{
	struct fixture *f = *state;

	rewind(f->out);
	assert_int_equal(ftruncate(fileno(f->out), 0), 0);
	assert_int_equal(finish(f, true), -EINVAL);
	expect_says(f->e.text, "line 1: the file is empty");
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

/* How many bytes this process has read until now, by Linux's count. */
static uint64_t bytes_read(void)
{
	FILE *io = fopen("/proc/self/io", "re");
	uint64_t bytes = 0;

	assert_non_null(io);
	assert_int_equal(fscanf(io, "rchar: %" SCNu64, &bytes), 1);
	fclose(io);
	return bytes;
}

/* Sparse, so that it takes no disk; NUL bytes are as good as any others. */
static void a_gigabyte_in_one_line_ends_early(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	put_good(f, 1);
	fflush(f->out);
	assert_int_equal(ftruncate(fileno(f->out), 1L << 30), 0);
	before = bytes_read();
	assert_int_equal(finish(f, false), -EINVAL);
	expect_says(f->e.text, "line 3: a field of more than 1048576 bytes");
	assert_in_range(bytes_read() - before, 1 << 20, 4 << 20);
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
	fputs("1,native,none,k,v,,1,,,,op,1,10,5,5,0,0,ok,,,,,,,,,,,,,,,,latency,"
	      "," RESULT_HOST_FIELDS "\n",
	      f->out);
	expect_bad(f, "line 3:", "NUL", 1);
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

static void an_unfinished_run_needs_partial(void **state)
{
	struct fixture *f = *state;
	char *partial = synth_path(f->directory, "samples.csv.partial");

	put_good(f, 2);
	fixture_close(f);
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

/* Neither is waited for, with or without somebody at the other end. */
static void what_is_no_file_is_not_read(void **state)
{
	struct fixture *f = *state;
	int end;

	assert_int_equal(reader_read(&f->samples, "/dev/zero", 0, false, &f->e), -EINVAL);
	expect_says(f->e.text, "/dev/zero is a device");
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_int_equal(reader_read(&f->samples, f->directory, 0, true, &f->e), -EINVAL);
	expect_says(f->e.text, "samples.csv is a pipe");
	end = open(f->path, O_RDWR | O_CLOEXEC);
	assert_int_equal(reader_read(&f->samples, f->directory, 0, true, &f->e), -EINVAL);
	close(end);
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(mkdir(f->path, 0700), 0);
	assert_int_equal(reader_read(&f->samples, f->directory, 0, true, &f->e), -EISDIR);
	expect_says(f->e.text, "samples.csv is a directory");
	assert_int_equal(rmdir(f->path), 0);
}

/* No counter holds them, and sums and logarithms of them are no numbers. */
static void numbers_that_nobody_counts_are_refused(void **state)
{
	static const char *const bad[] = {"1e308", "18446744073709551616000", "2e19", "1e-10",
	                                  "4.9e-324"};
	struct fixture *f = *state;

	put_good(f, 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		put_with(f->out, RESULT_involuntary, bad[i]);
	expect_bad(f, "line 3:", "involuntary is '1e308', not 0 or a number from 1e-9 to 2^64 - 1",
	           1);
	assert_int_equal(f->samples.sources[0].bad_rows, 5);
}

static void numbers_that_a_counter_holds_are_read(void **state)
{
	struct fixture *f = *state;

	put_good(f, 1);
	put_with(f->out, RESULT_involuntary, "18446744073709551615");
	assert_int_equal(finish(f, false), 0);
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
	fixture_close(f);
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
	        T(a_file_cut_in_a_line_is_told),
	        T(the_end_mark_must_agree),
	        T(a_stream_with_its_end_mark_is_read),
	        T(nothing_may_follow_the_end_mark),
	        T(an_odd_comment_is_no_end_mark),
	        T(an_empty_file_is_refused),
	        T(a_quote_that_is_never_closed_is_told),
	        T(a_quote_inside_a_field_is_told),
	        T(a_gigabyte_in_one_line_ends_early),
	        T(a_line_of_many_fields_is_one_bad_row),
	        T(nul_bytes_are_refused),
	        T(a_crash_keeps_what_arrived),
	        T(an_unfinished_run_needs_partial),
	        T(what_cannot_be_opened_is_named),
	        T(what_is_no_file_is_not_read),
	        T(numbers_that_nobody_counts_are_refused),
	        T(numbers_that_a_counter_holds_are_read),
	        T(a_file_that_changes_is_refused),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
