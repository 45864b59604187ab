/* SPDX-License-Identifier: MIT */
#include "vmrun/wire/jobs.h"

#include <endian.h>
#include <errno.h>

#include "tests/cmocka.h"
#include <zlib.h>

static char *const plain_argv[] = {(char *)"/bin/bench-memcpy", (char *)"--size", (char *)"64M",
                                   NULL};
static char *const odd_argv[] = {(char *)"/bin/x", (char *)"", (char *)"a b\n\"';$(`\\\x01\xff",
                                 NULL};
static const struct vm_job sample_jobs[] = {{.argv = plain_argv, .seconds = 30},
                                            {.argv = odd_argv}};
static const char *const sample_modules[] = {"/lib/modules/a.ko", "/lib/modules/b.ko"};
static const struct job_list sample = {sample_modules, 2, sample_jobs, 2, true};

struct file {
	uint8_t *bytes;
	size_t length;
};

static int make(void **state)
{
	struct file *f = calloc(1, sizeof(*f));
	struct err e;

	assert_non_null(f);
	assert_int_equal(jobs_encode(&sample, &f->bytes, &f->length, &e), 0);
	*state = f;
	return 0;
}

static int drop(void **state)
{
	struct file *f = *state;

	free(f->bytes);
	free(f);
	return 0;
}

static void expect_refused(const void *bytes, size_t length, const char *needle)
{
	struct job_list *list = NULL;
	struct err e = {""};

	assert_int_equal(jobs_decode(bytes, length, &list, &e), -EPROTO);
	assert_says(e, needle);
	assert_null(list);
}

static void set32(struct file *f, size_t at, uint32_t value)
{
	value = htole32(value);
	memcpy(f->bytes + at, &value, sizeof(value));
}

/* Make the CRC right again after a change, so that the structure itself is put to the test. */
static void seal(struct file *f)
{
	set32(f, 12, (uint32_t)crc32(0, f->bytes + 16, (uInt)(f->length - 16)));
}

static void test_round_trip(void **state)
{
	struct file *f = *state;
	struct job_list *list;
	struct err e;
	size_t i;

	assert_int_equal(jobs_decode(f->bytes, f->length, &list, &e), 0);
	assert_true(list->prove);
	assert_int_equal(list->module_count, 2);
	assert_string_equal(list->modules[1], "/lib/modules/b.ko");
	assert_int_equal(list->job_count, 2);
	assert_int_equal(list->jobs[0].seconds, 30);
	assert_int_equal(list->jobs[1].seconds, 0);
	for (i = 0; i < 3; i++)
		assert_string_equal(list->jobs[0].argv[i], plain_argv[i]);
	assert_null(list->jobs[0].argv[3]);
	for (i = 0; i < 3; i++)
		assert_string_equal(list->jobs[1].argv[i], odd_argv[i]);
	assert_null(list->jobs[1].argv[3]);
	free(list);
}

static void test_empty_list(void **state)
{
	const struct job_list empty = {0};
	struct job_list *list;
	uint8_t *bytes;
	size_t length;
	struct err e;

	(void)state;
	assert_int_equal(jobs_encode(&empty, &bytes, &length, &e), 0);
	assert_int_equal(length, 28);
	assert_int_equal(jobs_decode(bytes, length, &list, &e), 0);
	assert_false(list->prove);
	assert_int_equal(list->job_count, 0);
	assert_int_equal(list->module_count, 0);
	free(list);
	free(bytes);
}

static void test_bad_lists_are_not_written(void **state)
{
	char *const none[] = {NULL};
	char *const relative[] = {(char *)"bench-memcpy", NULL};
	const struct vm_job no_command = {.argv = none};
	const struct vm_job no_argv = {.argv = NULL};
	const struct vm_job no_path = {.argv = relative};
	struct job_list list = {.jobs = &no_command, .job_count = 1};
	uint8_t *bytes = NULL;
	size_t length;
	struct err e;

	(void)state;
	assert_int_equal(jobs_encode(&list, &bytes, &length, &e), -EINVAL);
	assert_string_equal(e.text, "job 0 has no command");
	list.jobs = &no_argv;
	assert_int_equal(jobs_encode(&list, &bytes, &length, &e), -EINVAL);
	list.jobs = &no_path;
	assert_int_equal(jobs_encode(&list, &bytes, &length, &e), -EINVAL);
	assert_says(e, "\"bench-memcpy\" is not an absolute path");
	list.job_count = JOBS_MAX + 1;
	assert_int_equal(jobs_encode(&list, &bytes, &length, &e), -EINVAL);
	assert_says(e, "65535 jobs are more than the 65534");
	assert_null(bytes);
}

static void test_every_cut_is_seen(void **state)
{
	struct file *f = *state;
	size_t i;

	for (i = 0; i < f->length; i++) {
		/* An exact copy, so that the sanitizer sees a read behind the cut. */
		uint8_t *cut = malloc(i ? i : 1);

		assert_non_null(cut);
		memcpy(cut, f->bytes, i);
		expect_refused(cut, i, "cut");
		free(cut);
	}
}

static void test_every_bit_flip_is_seen(void **state)
{
	struct file *f = *state;
	size_t bit;

	for (bit = 0; bit < f->length * 8; bit++) {
		f->bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
		expect_refused(f->bytes, f->length, "the job list is");
		f->bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
	}
	set32(f, 4, JOBS_VERSION + 1);
	expect_refused(f->bytes, f->length, "version 3, this init reads version 2");
}

/* Sealed nonsense: counts and lengths that point outside must be refused, whatever they are. */
static void test_sealed_nonsense_is_refused(void **state)
{
	static const uint32_t values[] = {0xffffffff, 0x7fffffff, 0x10000, 1000, 3, 0};
	struct file *f = *state;
	size_t at;
	size_t v;

	for (at = 16; at + 4 <= f->length; at++) {
		for (v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
			struct job_list *list = NULL;
			uint32_t before;
			struct err e;
			int rc;

			memcpy(&before, f->bytes + at, 4);
			set32(f, at, values[v]);
			seal(f);
			rc = jobs_decode(f->bytes, f->length, &list, &e);
			assert_true(rc == 0 || rc == -EPROTO);
			free(list);
			memcpy(f->bytes + at, &before, 4);
		}
	}
	set32(f, 20, 0xffffffff);
	seal(f);
	expect_refused(f->bytes, f->length, "makes no sense at byte 24");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_round_trip, make, drop),
	        cmocka_unit_test(test_empty_list),
	        cmocka_unit_test(test_bad_lists_are_not_written),
	        cmocka_unit_test_setup_teardown(test_every_cut_is_seen, make, drop),
	        cmocka_unit_test_setup_teardown(test_every_bit_flip_is_seen, make, drop),
	        cmocka_unit_test_setup_teardown(test_sealed_nonsense_is_refused, make, drop),
	};

	return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
