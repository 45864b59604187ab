/* SPDX-License-Identifier: MIT */
#include "bench/run/collect.h"

#include <errno.h>
#include <unistd.h>

#include "analysis/read/reader.h"
#include "tests/bench/run/answered.h"

struct fixture {
	char directory[32], path[64], partial[80];
	struct collect c;
	struct collect_stream s;
	struct err e;
	char *header;
};

static int open_collect(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	size_t length;
	FILE *out;

	strcpy(f->directory, "/tmp/test_collect.XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	snprintf(f->path, sizeof(f->path), "%s/samples.csv", f->directory);
	snprintf(f->partial, sizeof(f->partial), "%s.partial", f->path);
	assert_int_equal(collect_open(&f->c, f->path, &f->e), 0);
	out = open_memstream(&f->header, &length);
	assert_non_null(out);
	assert_int_equal(result_write_header(out, NULL), 0);
	fclose(out);
	*state = f;
	return 0;
}

static int close_collect(void **state)
{
	struct fixture *f = *state;

	collect_stream_free(&f->s);
	collect_abandon(&f->c);
	unlink(f->path);
	unlink(f->partial);
	rmdir(f->directory);
	free(f->header);
	free(f);
	return 0;
}

static int feed(struct fixture *f, const char *text)
{
	return collect_bytes(&f->c, &f->s, text, strlen(text), &f->e);
}

static void file_is(const char *path, const char *header, const char *rows)
{
	char text[8192] = "";
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	assert_true(fread(text, 1, sizeof(text) - 1, in) > 0);
	fclose(in);
	assert_memory_equal(text, header, strlen(header));
	assert_string_equal(text + strlen(header), rows);
}

/* A stream of the cell, begun, with its header. */
static void begin(struct fixture *f)
{
	collect_stream_free(&f->s);
	assert_int_equal(
	        collect_begin(&f->s, &answered_origin, &answered_cell, &answered_plan, &f->e), 0);
	assert_int_equal(feed(f, f->header), 0);
}

static char *rows_of(enum cell_status status, const char *reason, size_t count)
{
	return answered_rows(&answered_origin, status, reason, count);
}

/* `rows` as they stand in the file: with `counts` and host pages in the host's columns. */
static void file_has(const struct fixture *f, const char *path, const char *rows,
                     const char *counts)
{
	char *expected = NULL;
	size_t length, empty = strlen(RESULT_HOST_FIELDS);
	FILE *out = open_memstream(&expected, &length);

	assert_non_null(out);
	for (const char *end; (end = strchr(rows, '\n')); rows = end + 1)
		fprintf(out, "%.*s%s,thp\n", (int)((size_t)(end - rows) - empty), rows, counts);
	assert_int_equal(fclose(out), 0);
	file_is(path, f->header, expected);
	free(expected);
}

static void test_whole_stream(void **state)
{
	struct fixture *f = *state;
	char *rows = rows_of(CELL_OK, "", 4);

	begin(f);
	for (const char *p = rows; *p; p++) /* a byte at a time */
		assert_int_equal(collect_bytes(&f->c, &f->s, p, 1, &f->e), 0);
	assert_int_equal(feed(f, "#end,rows=4\n"), 0);
	assert_int_equal(collect_end(&f->c, &f->s, CELL_OK, &f->e), 0);
	assert_int_equal(f->c.rows, 4);
	assert_int_equal(collect_commit(&f->c, &f->e), 0);
	file_has(f, f->path, rows, RESULT_COUNTS_FIELDS);
	free(rows);
}

static struct counts_cell counted(struct counts sum, uint64_t operations)
{
	struct counts_cell cell = {.operations = operations, .sum = sum};

	cell_text(&answered_cell, cell.name, sizeof(cell.name));
	return cell;
}

/* One row of the cell into a new stream, counted so. */
static void feed_counted(struct fixture *f, struct counts_cell cell, const char *row)
{
	begin(f);
	assert_int_equal(collect_counts(&f->s, &cell, &f->e), 0);
	assert_int_equal(feed(f, row), 0);
}

/* What was counted stands in the host's fields. */
static void test_counts_join_the_rows(void **state)
{
	static const char *const fields[] = {
	        RESULT_COUNTS_FIELDS,
	        ",1.333333333,0.000000000,0.000000000,0.333333333,0.000000000,,,,",
	        ",0.000000001,0.000000000,0.000000000,0.000000000,0.000000000,,,,",
	        ",,,,,,1.500000000,1.000000000,0.000000000,0.500000000",
	        ",,0.000000000,0.000000000,0.000000000,0.000000000,,,,",
	        RESULT_COUNTS_FIELDS,
	};
	const struct counts kvm = {COUNTS_KVM, {4, 0, 0, 1, 0}};
	const struct counts many = {COUNTS_KVM, {UINT64_MAX}};
	const struct counts emulated = {
	        COUNTS_EMULATION, {[COUNTS_VC] = 3, [COUNTS_VMGEXIT] = 2, [COUNTS_PVALIDATE] = 1}};
	char *row = rows_of(CELL_OK, "", 1), *expected = NULL;
	struct fixture *f = *state;
	size_t length;
	FILE *out = open_memstream(&expected, &length);

	begin(f);
	assert_int_equal(feed(f, row), 0);
	feed_counted(f, counted(kvm, 3), row);
	feed_counted(f, counted(kvm, 5000000000), row);
	feed_counted(f, counted(emulated, 2), row);
	/* As the guest says how many operations that were: it cannot make it overflow. */
	feed_counted(f, counted(many, 1), row);
	/* Nothing was done: no zero, and no division by it. */
	feed_counted(f, counted(emulated, 0), row);
	assert_int_equal(collect_commit(&f->c, &f->e), 0);
	assert_non_null(out);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		fprintf(out, "%.*s%s,thp\n", (int)(strlen(row) - 1 - strlen(RESULT_HOST_FIELDS)),
		        row, fields[i]);
	assert_int_equal(fclose(out), 0);
	file_is(f->path, f->header, expected);
	free(expected);
	free(row);
}

/* Of this cell, and once; and it did no less than it timed. */
static void test_counts_that_are_not_of_the_cell(void **state)
{
	struct counts_cell cell = counted((struct counts){COUNTS_KVM, {4}}, 99);
	char *rows = rows_of(CELL_OK, "", 2);
	struct fixture *f = *state;

	begin(f);
	assert_int_equal(collect_counts(&f->s, &cell, &f->e), 0);
	assert_int_equal(collect_counts(&f->s, &cell, &f->e), -EPROTO);
	assert_says(f->e, "once more");
	assert_int_equal(feed(f, rows), 0);
	assert_int_equal(feed(f, "#end,rows=2\n"), 0);
	assert_int_equal(collect_end(&f->c, &f->s, CELL_OK, &f->e), -EPROTO);
	assert_says(f->e, "its rows are of 100 operations, its marks of 99");
	begin(f);
	strcpy(cell.name, "cpuid/0x0");
	assert_int_equal(collect_counts(&f->s, &cell, &f->e), -EPROTO);
	assert_says(f->e, "its marks are of \"cpuid/0x0\"");
	free(rows);
}

static void test_streams_that_are_not_whole(void **state)
{
	char *rows = rows_of(CELL_OK, "", 2), *half = strdup(rows);
	struct fixture *f = *state;

	half[strcspn(rows, "\n") + 10] = '\0';
	assert_int_equal(
	        collect_begin(&f->s, &answered_origin, &answered_cell, &answered_plan, &f->e), 0);
	assert_int_equal(collect_end(&f->c, &f->s, CELL_OK, &f->e), -EPROTO);
	assert_says(f->e, "no results came");
	begin(f);
	assert_int_equal(feed(f, half), 0);
	assert_int_equal(collect_end(&f->c, &f->s, CELL_OK, &f->e), -EPROTO);
	assert_says(f->e, "cut off after 1 rows");
	assert_int_equal(feed(f, rows + strlen(half)), 0);
	assert_int_equal(feed(f, "#end,rows=3\n"), 0);
	assert_int_equal(collect_end(&f->c, &f->s, CELL_OK, &f->e), -EPROTO);
	assert_says(f->e, "2 rows came where the end mark counts 3");
	assert_int_equal(feed(f, "more\n"), -EPROTO);
	assert_says(f->e, "behind their end mark");
	collect_abandon(&f->c);
	file_has(f, f->partial, rows, RESULT_COUNTS_FIELDS); /* what came is kept */
	begin(f);
	assert_int_equal(feed(f, "#end,rows=0\n"), 0);
	assert_int_equal(collect_end(&f->c, &f->s, CELL_OK, &f->e), -EPROTO);
	assert_says(f->e, "have no row");
	free(half);
	free(rows);
}

/* What the program's exit status says, its rows say too. */
static void test_a_status_that_the_rows_do_not_have(void **state)
{
	char *rows = rows_of(CELL_OK, "", 2), *unrun = rows_of(CELL_SKIPPED, "no such CPU", 0);
	struct fixture *f = *state;

	begin(f);
	assert_int_equal(feed(f, rows), 0);
	assert_int_equal(feed(f, "#end,rows=2\n"), 0);
	assert_int_equal(collect_end(&f->c, &f->s, CELL_FAILED, &f->e), -EPROTO);
	assert_says(f->e, "its rows say ok, and its exit status failed");
	begin(f);
	assert_int_equal(feed(f, unrun), 0);
	assert_int_equal(feed(f, "#end,rows=1\n"), 0);
	assert_int_equal(collect_end(&f->c, &f->s, CELL_OK, &f->e), -EPROTO);
	assert_says(f->e, "its rows say skipped, and its exit status ok");
	assert_int_equal(f->c.rows, 2); /* the held row is not there */
	assert_int_equal(collect_end(&f->c, &f->s, CELL_SKIPPED, &f->e), 0);
	assert_int_equal(f->c.rows, 3);
	free(unrun);
	free(rows);
}

static void test_nonsense(void **state)
{
	struct fixture *f = *state;
	char much[ANSWER_LINE_MAX + 1];

	assert_int_equal(
	        collect_begin(&f->s, &answered_origin, &answered_cell, &answered_plan, &f->e), 0);
	assert_int_equal(feed(f, "Segmentation fault\n"), -EPROTO);
	assert_says(f->e, "Segmentation fault");
	f->s.fill = 0;
	assert_int_equal(feed(f, "\n"), -EPROTO);
	begin(f);
	assert_int_equal(feed(f, "\n"), -EPROTO);
	begin(f);
	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	assert_int_equal(feed(f, much), -EPROTO);
	assert_says(f->e, "longer than 4095 bytes");
	begin(f);
	assert_int_equal(collect_bytes(&f->c, &f->s, "a\0b\n", 4, &f->e), -EPROTO);
	assert_says(f->e, "a NUL byte");
	assert_int_equal(f->c.rows, 0);
}

/* As run_cell does: what came before the lie stays, and a row says that the cell failed. */
static void lie(struct fixture *f, const char *good, const char *bad)
{
	begin(f);
	assert_int_equal(feed(f, good), 0);
	assert_int_equal(feed(f, bad), -EPROTO);
	assert_int_equal(collect_unrun(&f->c, &answered_origin, &answered_cell, CELL_FAILED,
	                               f->e.text, &f->e),
	                 0);
}

static void feed_native(struct fixture *f, unsigned round)
{
	const struct result_origin native = {"r1", round, PLATFORM_NATIVE, ACCEL_NONE, NULL};
	char *rows = answered_rows(&native, CELL_OK, "", 4);

	collect_stream_free(&f->s);
	assert_int_equal(collect_begin(&f->s, &native, &answered_cell, &answered_plan, &f->e), 0);
	assert_int_equal(feed(f, f->header), 0);
	assert_int_equal(feed(f, rows), 0);
	assert_int_equal(feed(f, "#end,rows=4\n"), 0);
	assert_int_equal(collect_end(&f->c, &f->s, CELL_OK, &f->e), 0);
	free(rows);
}

/* A column that nobody measured, round 7, an open quote that swallows what comes behind it: the
 * file is read to its end all the same, and has what was measured and the failure. */
static void test_a_lie_is_of_its_cell_alone(void **state)
{
	static const struct {
		enum result_column column;
		const char *lie;
	} lies[] = {
	        {RESULT_platform, "snp"}, {RESULT_round, "7"},      {RESULT_reason, "\""},
	        {RESULT_ns, "x"},         {RESULT_unit, "latency"}, {RESULT_sample, "0"},
	};
	char *row = rows_of(CELL_OK, "", 1), *unrun = rows_of(CELL_SKIPPED, "because", 0);

	(void)state;
	for (size_t i = 0; i <= sizeof(lies) / sizeof(*lies); i++) {
		struct samples s = {0};
		struct fixture *f;
		char *bad = i < sizeof(lies) / sizeof(*lies)
		                    ? answered_with(row, lies[i].column, lies[i].lie)
		                    : strdup(unrun); /* a second row without a sample */
		char *line;
		void *own;

		assert_int_equal(open_collect(&own), 0);
		f = own;
		assert_true(asprintf(&line, "%s\n", bad) > 0);
		feed_native(f, 1);
		lie(f, i < sizeof(lies) / sizeof(*lies) ? row : unrun, line);
		feed_native(f, 2);
		assert_int_equal(collect_commit(&f->c, &f->e), 0);
		if (reader_read(&s, f->path, 0, false, &f->e))
			fail_msg("%s", f->e.text);
		assert_int_equal(samples_sort(&s, &f->e), 0);
		assert_int_equal(s.cell_count, 1);
		assert_int_equal(s.group_count, 3);
		for (size_t g = 0; g < 3; g++) {
			const struct samples_group *group = &s.groups[g];
			bool native = group->key.platform == PLATFORM_NATIVE;

			assert_int_equal(target_platform(group->key.platform),
			                 native ? PLATFORM_NATIVE : PLATFORM_NOSEV);
			assert_int_equal(group->status, native ? CELL_OK : CELL_FAILED);
			assert_true(native || *samples_text(&s, group->reason));
		}
		samples_free(&s);
		free(line);
		free(bad);
		assert_int_equal(close_collect(&own), 0);
	}
	free(unrun);
	free(row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_collect, close_collect)
	        TEST(test_whole_stream),
	        TEST(test_counts_join_the_rows),
	        TEST(test_counts_that_are_not_of_the_cell),
	        TEST(test_streams_that_are_not_whole),
	        TEST(test_a_status_that_the_rows_do_not_have),
	        TEST(test_nonsense),
	        cmocka_unit_test(test_a_lie_is_of_its_cell_alone),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
