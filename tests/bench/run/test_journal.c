/* SPDX-License-Identifier: MIT */
#include "bench/run/journal.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"

static char folder[] = "/tmp/test_journal.XXXXXX";
static char path[64];
static struct folder here;

static int make_folder(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s/.journal", mkdtemp(folder));
	return folder_open(folder, &here, NULL);
}

static int remove_folder(void **state)
{
	(void)state;
	folder_close(&here, false);
	return rmdir(folder);
}

static void append(const char *text)
{
	FILE *f = fopen(path, "a");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_what_was_measured_is_known_again(void **state)
{
	struct journal j;
	struct err e = {""};

	(void)state;
	assert_int_equal(journal_create(&j, &here, 10, 3, &e), 0);
	assert_int_equal(journal_add(&j, 0, PLATFORM_SNP, 0, 100, false, &e), 0);
	assert_int_equal(journal_add(&j, 1, PLATFORM_NOSEV, 7, 200, false, &e), 0);
	assert_int_equal(journal_add(&j, 3, PLATFORM_NATIVE, 9, 300, false, &e), 0);
	assert_int_equal(journal_add(&j, 3, target_on(PLATFORM_NOSEV, MEM_THP), 2, 300, false, &e),
	                 0);
	assert_true(journal_has(&j, 1, PLATFORM_NOSEV, 7));
	assert_int_equal(journal_seal(&j, &e), 0);
	journal_close(&j, false);

	append("2 nosev 1 4"); /* cut in the middle: "4" of "400" */
	assert_int_equal(journal_resume(&j, &here, 10, 3, &e), 0);
	assert_int_equal(j.end, 300);
	assert_true(journal_has(&j, 1, PLATFORM_NOSEV, 7));
	assert_true(journal_has(&j, 3, PLATFORM_NATIVE, 9));
	assert_false(journal_has(&j, 1, PLATFORM_NATIVE, 7));
	assert_true(journal_has(&j, 3, target_on(PLATFORM_NOSEV, MEM_THP), 2));
	assert_false(journal_has(&j, 3, PLATFORM_NOSEV, 2));
	assert_false(journal_has(&j, 3, target_on(PLATFORM_NOSEV, MEM_2M), 2));
	assert_false(journal_has(&j, 2, PLATFORM_NOSEV, 7));
	assert_false(journal_has(&j, 2, PLATFORM_NOSEV, 1));
	assert_int_equal(j.dropped, 0);
	assert_int_equal(j.failed, 0);
	assert_int_equal(journal_add(&j, 2, PLATFORM_NOSEV, 1, 400, true, &e), 0);
	assert_int_equal(journal_seal(&j, &e), 0);
	assert_int_equal(journal_add(&j, 2, PLATFORM_NOSEV, 2, 500, true, &e), 0);
	journal_close(&j, false);

	assert_int_equal(journal_resume(&j, &here, 10, 3, &e), 0);
	assert_int_equal(j.end, 400);
	assert_int_equal(j.failed, 1); /* the other one is measured again */
	assert_true(journal_has(&j, 2, PLATFORM_NOSEV, 1));
	journal_close(&j, true);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* Nobody saw the end of their guest's launch; of a native one there is nothing to see then. */
static void test_cells_of_a_guest_count_when_sealed(void **state)
{
	struct journal j;
	struct err e = {""};

	(void)state;
	assert_int_equal(journal_create(&j, &here, 10, 3, &e), 0);
	assert_int_equal(journal_add(&j, 1, PLATFORM_NOSEV, 1, 100, false, &e), 0);
	assert_int_equal(journal_seal(&j, &e), 0);
	assert_int_equal(journal_add(&j, 1, PLATFORM_NATIVE, 2, 200, false, &e), 0);
	assert_int_equal(journal_add(&j, 1, PLATFORM_SNP, 3, 300, false, &e), 0);
	assert_int_equal(journal_add(&j, 1, PLATFORM_SNP, 4, 400, false, &e), 0);
	journal_close(&j, false);

	append("1 snp 5 5"); /* cut */
	assert_int_equal(journal_resume(&j, &here, 10, 3, &e), 0);
	assert_int_equal(j.dropped, 2);
	assert_int_equal(j.end, 200);
	assert_true(journal_has(&j, 1, PLATFORM_NOSEV, 1));
	assert_true(journal_has(&j, 1, PLATFORM_NATIVE, 2));
	assert_false(journal_has(&j, 1, PLATFORM_SNP, 3));
	assert_false(journal_has(&j, 1, PLATFORM_SNP, 4));
	assert_int_equal(journal_add(&j, 1, PLATFORM_SNP, 4, 300, false, &e), 0);
	assert_int_equal(journal_seal(&j, &e), 0);
	journal_close(&j, false);

	assert_int_equal(journal_resume(&j, &here, 10, 3, &e), 0);
	assert_int_equal(j.dropped, 0);
	assert_int_equal(j.end, 300);
	assert_true(journal_has(&j, 1, PLATFORM_SNP, 4));
	assert_false(journal_has(&j, 1, PLATFORM_SNP, 3));
	journal_close(&j, true);
}

static void test_journals_of_something_else(void **state)
{
	static const char *const lines[] = {
	        "nonsense\n",
	        "1 mars 0 10\n",
	        "4 nosev 0 10\n",
	        "1 nosev 10 10\n",
	        "1 nosev -1 10\n",
	        "1 nosev 0 -1\n",
	        "\n",
	};
	struct journal j;
	struct err e = {""};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		append(lines[i]);
		assert_int_equal(journal_resume(&j, &here, 10, 3, &e), -EINVAL);
		assert_says(e, path);
		unlink(path);
	}
	append("1 nosev 0 50\n1 nosev 1 40\n"); /* a file does not shrink */
	assert_int_equal(journal_resume(&j, &here, 10, 3, &e), -EINVAL);
	unlink(path);
	assert_int_equal(journal_resume(&j, &here, 10, 3, &e), -ENOENT);
}

static void test_never_over_another(void **state)
{
	struct journal j;
	struct err e = {""};

	(void)state;
	append("");
	assert_int_equal(journal_create(&j, &here, 10, 3, &e), -EEXIST);
	unlink(path);
}

/* A stranger's directory: neither what a link leads to is written, nor a pipe waited for. */
static void test_what_is_no_file_of_the_run(void **state)
{
	struct journal j;
	struct err e = {""};

	(void)state;
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(journal_resume(&j, &here, 10, 3, &e), -ELOOP);
	assert_says(e, path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(journal_resume(&j, &here, 10, 3, &e), -EINVAL);
	assert_says(e, "is no regular file");
	assert_int_equal(unlink(path), 0);
}

static void test_of_a_run_that_goes_on(void **state)
{
	struct journal j, other;
	struct err e = {""};

	(void)state;
	assert_int_equal(journal_create(&j, &here, 10, 3, &e), 0);
	assert_int_equal(journal_add(&j, 1, PLATFORM_NOSEV, 7, 200, false, &e), 0);
	assert_int_equal(journal_resume(&other, &here, 10, 3, &e), -EBUSY);
	assert_non_null(strstr(e.text, "still runs"));
	assert_int_equal(journal_add(&j, 1, PLATFORM_NOSEV, 8, 300, false, &e), 0);
	journal_close(&j, false);
	assert_int_equal(journal_resume(&other, &here, 10, 3, &e), 0);
	assert_int_equal(journal_resume(&j, &here, 10, 3, &e), -EBUSY);
	journal_close(&other, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_what_was_measured_is_known_again),
	        cmocka_unit_test(test_cells_of_a_guest_count_when_sealed),
	        cmocka_unit_test(test_journals_of_something_else),
	        cmocka_unit_test(test_never_over_another),
	        cmocka_unit_test(test_what_is_no_file_of_the_run),
	        cmocka_unit_test(test_of_a_run_that_goes_on),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
