/* SPDX-License-Identifier: MIT */
#include "bench/run/collect.h"

#include <errno.h>
#include <unistd.h>

#include "tests/cmocka.h"

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

static void test_whole_stream(void **state)
{
	struct fixture *f = *state;

	for (const char *p = f->header; *p; p++) /* a byte at a time */
		assert_int_equal(collect_bytes(&f->c, &f->s, p, 1, &f->e), 0);
	assert_int_equal(feed(f, "row one\nrow"), 0);
	assert_int_equal(feed(f, " two\n#end,rows=2\n"), 0);
	assert_int_equal(collect_check(&f->s, &f->e), 0);
	assert_int_equal(f->c.rows, 2);
	assert_int_equal(collect_commit(&f->c, &f->e), 0);
	file_is(f->path, f->header, "row one\nrow two\n");
}

/* What was counted stands in the fields that the guest leaves empty, and only in those. */
static void test_counts_join_the_rows(void **state)
{
	struct fixture *f = *state;
	struct counts_cell cell = {.operations = 3, .sum = {COUNTS_KVM, {4, 0, 0, 1, 0}}};
	char *expected;

	assert_int_equal(feed(f, f->header), 0);
	assert_int_equal(feed(f, "before" RESULT_HOST_FIELDS "\n"), 0);
	assert_int_equal(collect_counts(&f->s, &cell, &f->e), 0);
	assert_int_equal(feed(f, "one" RESULT_HOST_FIELDS "\ntwo,,,,1,\n"), 0);
	cell.operations = 5000000000;
	assert_int_equal(collect_counts(&f->s, &cell, &f->e), 0);
	assert_int_equal(feed(f, "three" RESULT_HOST_FIELDS "\n"), 0);
	cell.operations = 2;
	cell.sum = (struct counts){COUNTS_EMULATION,
	                           {[COUNTS_VC] = 3, [COUNTS_VMGEXIT] = 2, [COUNTS_PVALIDATE] = 1}};
	assert_int_equal(collect_counts(&f->s, &cell, &f->e), 0);
	assert_int_equal(feed(f, "snp" RESULT_HOST_FIELDS "\n"), 0);
	cell.operations = 0; /* nothing was done: no zero, and no division by it */
	assert_int_equal(collect_counts(&f->s, &cell, &f->e), 0);
	assert_int_equal(feed(f, "four" RESULT_HOST_FIELDS "\n#end,rows=6\n"), 0);
	assert_int_equal(collect_check(&f->s, &f->e), 0);
	assert_int_equal(collect_commit(&f->c, &f->e), 0);
	assert_true(
	        asprintf(&expected,
	                 "before" RESULT_HOST_FIELDS "\n"
	                 "one,1.333333333,0.000000000,0.000000000,0.333333333,0.000000000,,,,,\n"
	                 "two,,,,1,\n"
	                 "three,0.000000001,0.000000000,0.000000000,0.000000000,0.000000000,"
	                 ",,,,\n"
	                 "snp,,,,,,1.500000000,1.000000000,0.000000000,0.500000000,\n"
	                 "four" RESULT_HOST_FIELDS "\n") > 0);
	file_is(f->path, f->header, expected);
	free(expected);
}

/* The host knows on which of its pages the guest lies. */
static void test_host_pages_join_the_rows(void **state)
{
	struct fixture *f = *state;
	struct counts_cell cell = {.operations = 1, .sum = {COUNTS_EMULATION, {0}}};

	cell.sum.of[COUNTS_VC] = 2;
	f->s.host_pages = "thp";
	assert_int_equal(feed(f, f->header), 0);
	assert_int_equal(feed(f, "one" RESULT_HOST_FIELDS "\n"), 0);
	assert_int_equal(collect_counts(&f->s, &cell, &f->e), 0);
	assert_int_equal(feed(f, "two" RESULT_HOST_FIELDS "\n#end,rows=2\n"), 0);
	assert_int_equal(collect_commit(&f->c, &f->e), 0);
	file_is(f->path, f->header,
	        "one" RESULT_COUNTS_FIELDS ",thp\n"
	        "two,,,,,,2.000000000,0.000000000,0.000000000,0.000000000,thp\n");
}

static void test_streams_that_are_not_whole(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(collect_check(&f->s, &f->e), -EPROTO);
	assert_says(f->e, "no results came");
	assert_int_equal(feed(f, f->header), 0);
	assert_int_equal(feed(f, "row one\nrow tw"), 0);
	assert_int_equal(collect_check(&f->s, &f->e), -EPROTO);
	assert_says(f->e, "cut off after 1 rows");
	assert_int_equal(feed(f, "o\n#end,rows=3\n"), 0);
	assert_int_equal(collect_check(&f->s, &f->e), -EPROTO);
	assert_says(f->e, "2 rows came where the end mark counts 3");
	assert_int_equal(feed(f, "more\n"), -EPROTO);
	assert_says(f->e, "behind their end mark");
	collect_abandon(&f->c);
	file_is(f->partial, f->header, "row one\nrow two\n"); /* what came is kept */
}

static void test_nonsense(void **state)
{
	struct fixture *f = *state;
	char *much = malloc(2 << 20);

	assert_int_equal(feed(f, "Segmentation fault\n"), -EPROTO);
	assert_says(f->e, "Segmentation fault");
	collect_stream_free(&f->s);
	assert_int_equal(feed(f, "\n"), -EPROTO);
	collect_stream_free(&f->s);
	memset(much, 'x', (2 << 20) - 1);
	much[(2 << 20) - 1] = '\0';
	assert_int_equal(feed(f, much), -EPROTO);
	assert_says(f->e, "longer than");
	free(much);
	collect_stream_free(&f->s);
	assert_int_equal(collect_bytes(&f->c, &f->s, "a\0b\n", 4, &f->e), -EPROTO);
	assert_int_equal(f->c.rows, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_collect, close_collect)
	        TEST(test_whole_stream),
	        TEST(test_counts_join_the_rows),
	        TEST(test_host_pages_join_the_rows),
	        TEST(test_streams_that_are_not_whole),
	        TEST(test_nonsense),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
