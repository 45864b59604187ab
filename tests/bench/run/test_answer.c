/* SPDX-License-Identifier: MIT */
/* Every lie that a row can tell of where it comes from, and every way in which it is no row. */
#include "bench/run/answer.h"

#include <errno.h>

#include "tests/bench/run/answered.h"

static int open_answer(void **state)
{
	struct answer *a = calloc(1, sizeof(*a));
	struct err e = {""};

	*state = a;
	return answer_open(a, &answered_origin, &answered_cell, &answered_plan, &e);
}

static int close_answer(void **state)
{
	answer_close(*state);
	free(*state);
	return 0;
}

static void refuse(struct answer *a, const char *line, size_t length, const char *why)
{
	struct err e = {""};

	assert_int_equal(answer_take(a, line, length, &e), -EPROTO);
	assert_says(e, why);
}

/* What the row would be in the file, without its line break; to be freed. */
static char *put(const struct answer *a)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	answer_put(a, out, RESULT_COUNTS_FIELDS, "thp");
	assert_int_equal(fclose(out), 0);
	assert_int_equal(text[length - 1], '\n');
	text[length - 1] = '\0';
	return text;
}

static void test_rows_of_the_cell_are_taken(void **state)
{
	struct answer *a = *state;
	char *rows = answered_rows(&answered_origin, CELL_OK, "", 4);
	struct err e = {""};
	char *at = rows;

	for (int i = 0; i < 4; i++) {
		char *end = strchr(at, '\n'), *row;

		*end = '\0';
		assert_int_equal(answer_take(a, at, (size_t)(end - at), &e), 0);
		row = put(a);
		assert_memory_equal(row, at, strlen(at)); /* but for the host pages behind it */
		assert_string_equal(row + strlen(at), "thp");
		free(row);
		at = end + 1;
	}
	assert_int_equal(a->status, CELL_OK);
	assert_int_equal(a->operations, 200);
	assert_true(answer_bytes_max(&answered_plan) > strlen(rows));
	/* A fifth is more than were asked for. */
	at = answered_with(rows, RESULT_sample, "2");
	refuse(a, at, strlen(at), "more samples than the 2 that were asked for");
	free(at);
	free(rows);
}

static void test_rows_of_another_cell_are_refused(void **state)
{
	static const struct {
		enum result_column column;
		const char *lie, *why;
	} rows[] = {
	        {RESULT_run, "r2", "its run is \"r2\", not \"r1\""},
	        {RESULT_run, "r11", "its run is \"r11\""},
	        {RESULT_round, "7", "its round is \"7\", not \"2\""},
	        {RESULT_round, "", "its round is \"\""},
	        {RESULT_round, "02", "its round is \"02\""},
	        {RESULT_platform, "snp", "its platform is \"snp\", not \"nosev\""},
	        {RESULT_platform, "native", "its platform is \"native\""},
	        {RESULT_accel, "kvm", "its accel is \"kvm\", not \"tcg\""},
	        {RESULT_kernel, "memset", "its kernel is \"memset\""},
	        {RESULT_variant, "libc", "its variant is \"libc\""},
	        {RESULT_size, "4096", "its size is \"4096\""},
	        {RESULT_threads, "1", "its threads is \"1\""},
	        {RESULT_pages, "2m", "its pages is \"2m\""},
	        {RESULT_backing, "shared", "its backing is \"shared\""},
	        {RESULT_fill, "zero", "its fill is \"zero\""},
	        {RESULT_params, "ways=1", "its params is \"ways=1\", not \"ways=2\""},
	        {RESULT_params, "ways=2;slow_percent=3", "its params is"},
	        {RESULT_unit, "latency", "its unit is \"latency\", not \"bandwidth\""},
	        {RESULT_single_shot, "1", "its single_shot is \"1\""},
	        {RESULT_single_shot, "", "its single_shot is \"\""},
	        {RESULT_sev_by, "hardware", "its sev_by is \"hardware\", not \"\""},
	        {RESULT_schema, "1", "schema 1 in a file that began with schema 2"},
	        {RESULT_schema, "3", "schema 3 is newer than this program"},
	};
	char *good = answered_rows(&answered_origin, CELL_OK, "", 1);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *bad = answered_with(good, rows[i].column, rows[i].lie);

		refuse(*state, bad, strlen(bad), rows[i].why);
		free(bad);
	}
	free(good);
}

static void test_what_is_no_row_is_refused(void **state)
{
	static const struct {
		enum result_column column;
		const char *nonsense, *why;
	} rows[] = {
	        {RESULT_reason, "\"", "a quote that does not belong there, or is not closed"},
	        {RESULT_reason, "a\"b", "a quote"},
	        {RESULT_reason, "a,b", "fields, but the header has"},
	        {RESULT_reason, "a\rb", "a carriage return"},
	        {RESULT_series, "other", "series is 'other'"},
	        {RESULT_sample, "-1", "sample is '-1'"},
	        {RESULT_iterations, "1e3", "iterations is '1e3'"},
	        {RESULT_iterations, "", "a time without iterations"},
	        {RESULT_ns, "nan", "ns is 'nan'"},
	        {RESULT_ns, "", "iterations without a time"},
	        {RESULT_ticks, "inf", "ticks is 'inf'"},
	        {RESULT_status, "good", "status is 'good'"},
	        {RESULT_status, "skipped", "status skipped with a time"},
	        {RESULT_node, "here", "node is 'here'"},
	        {RESULT_interrupts, "many", "interrupts is 'many'"},
	        {RESULT_cycles, "0x10", "cycles is '0x10'"},
	};
	char *good = answered_rows(&answered_origin, CELL_OK, "", 1);

	refuse(*state, "", 0, "cannot be read");
	refuse(*state, "what a fine day", 15, "cannot be read");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *bad = answered_with(good, rows[i].column, rows[i].nonsense);

		refuse(*state, bad, strlen(bad), rows[i].why);
		free(bad);
	}
	free(good);
}

/* Also in a first row, which every other would agree with. */
static void test_an_older_schema_is_refused(void **state)
{
	char *good = answered_rows(&answered_origin, CELL_OK, "", 1);
	char *bad = answered_with(good, RESULT_schema, "1");

	refuse(*state, bad, strlen(bad), "its schema is \"1\", not \"2\"");
	free(bad);
	free(good);
}

/* Whatever a guest writes there. */
static void test_the_hosts_columns_are_the_hosts(void **state)
{
	struct answer *a = *state;
	char *good = answered_rows(&answered_origin, CELL_OK, "", 1), *expected = NULL;

	for (int i = RESULT_exits; i < RESULT_COLUMN_COUNT; i++) {
		static const char *const lies[] = {"17", "2m", "nonsense"};
		char *bad = answered_with(good, (enum result_column)i, lies[i % 3]), *row;
		struct err e = {""};

		assert_int_equal(answer_take(a, bad, strlen(bad), &e), 0);
		row = put(a);
		if (!expected)
			assert_non_null(expected = strdup(row));
		assert_string_equal(row, expected);
		assert_int_equal(answer_bytes_max(&answered_plan), 7 * ANSWER_LINE_MAX);
		free(row);
		free(bad);
		answer_close(a);
		assert_int_equal(
		        answer_open(a, &answered_origin, &answered_cell, &answered_plan, &e), 0);
	}
	assert_non_null(strstr(expected, RESULT_HOST_FIELDS "thp"));
	free(expected);
	free(good);
}

static void test_the_same_sample_twice_is_refused(void **state)
{
	char *row = answered_rows(&answered_origin, CELL_OK, "", 1);
	struct err e = {""};

	assert_int_equal(answer_take(*state, row, strcspn(row, "\n"), &e), 0);
	refuse(*state, row, strcspn(row, "\n"), "a row that is there twice");
	free(row);
}

/* It would stand beside the row that the host writes of a cell that failed. */
static void test_a_row_without_a_sample_is_alone(void **state)
{
	char *unrun = answered_rows(&answered_origin, CELL_SKIPPED, "no such CPU", 0);
	char *run = answered_rows(&answered_origin, CELL_OK, "", 1);
	struct answer *a = *state;
	struct err e = {""};

	assert_int_equal(answer_take(a, unrun, strcspn(unrun, "\n"), &e), 0);
	assert_true(a->unrun);
	assert_int_equal(a->status, CELL_SKIPPED);
	refuse(a, unrun, strcspn(unrun, "\n"), "a row without a sample beside other rows");
	refuse(a, run, strcspn(run, "\n"), "a row without a sample beside other rows");
	answer_close(a);
	assert_int_equal(answer_open(a, &answered_origin, &answered_cell, &answered_plan, &e), 0);
	assert_int_equal(answer_take(a, run, strcspn(run, "\n"), &e), 0);
	refuse(a, unrun, strcspn(unrun, "\n"), "a row without a sample beside other rows");
	free(run);
	free(unrun);
}

/* Escapes, and bytes that are no UTF-8: not in the file. */
static void test_texts_are_cleaned(void **state)
{
	char *good = answered_rows(&answered_origin, CELL_FAILED, "x", 0), *row;
	char *bad = answered_with(good, RESULT_reason, "\033[2J\xff\a!");
	struct err e = {""};

	assert_int_equal(answer_take(*state, bad, strlen(bad), &e), 0);
	row = put(*state);
	assert_non_null(strstr(row, ",?[2J?"
	                            "?!,"));
	free(row);
	free(bad);
	free(good);
}

/* As the program writes them in an encrypted guest, and of what is slowed. */
static void test_a_slowed_cell_in_an_emulated_guest(void **state)
{
	const struct result_origin origin = {"r1", 1, PLATFORM_SNP, ACCEL_TCG, "4k"};
	struct sampler_plan plan = {.samples = 1, .slow = 0.03};
	char *row = answered_rows(&origin, CELL_OK, "", 1);
	char *slowed = answered_with(row, RESULT_params, "ways=2;slow_percent=3");
	char *plain = answered_with(slowed, RESULT_sev_by, "hardware");
	struct answer *a = *state;
	struct err e = {""};

	answer_close(a);
	assert_int_equal(answer_open(a, &origin, &answered_cell, &plan, &e), 0);
	refuse(a, row, strcspn(row, "\n"), "its params is \"ways=2\"");
	refuse(a, plain, strlen(plain), "its sev_by is \"hardware\", not \"emulation\"");
	assert_int_equal(answer_take(a, slowed, strlen(slowed), &e), 0);
	free(plain);
	free(slowed);
	free(row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_answer, close_answer)
	        TEST(test_rows_of_the_cell_are_taken),
	        TEST(test_rows_of_another_cell_are_refused),
	        TEST(test_what_is_no_row_is_refused),
	        TEST(test_an_older_schema_is_refused),
	        TEST(test_the_hosts_columns_are_the_hosts),
	        TEST(test_the_same_sample_twice_is_refused),
	        TEST(test_a_row_without_a_sample_is_alone),
	        TEST(test_texts_are_cleaned),
	        TEST(test_a_slowed_cell_in_an_emulated_guest),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
