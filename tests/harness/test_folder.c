/* SPDX-License-Identifier: MIT */
#include "harness/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "tests/skip.h"

/* What is behind a link is somebody else's. */
static void test_all_of_it_goes_and_nothing_else(void **state)
{
	char own[] = "/tmp/folder-XXXXXX", path[64], inside[80], other[64];

	(void)state;
	assert_non_null(mkdtemp(own));
	snprintf(other, sizeof(other), "%s/other", own);
	snprintf(path, sizeof(path), "%s/run", own);
	snprintf(inside, sizeof(inside), "%s/logs", path);
	assert_int_equal(mkdir(other, 0700), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(mkdir(inside, 0700), 0);
	snprintf(inside, sizeof(inside), "%s/logs/native.log", path);
	assert_int_equal(mknod(inside, S_IFREG | 0600, 0), 0);
	snprintf(inside, sizeof(inside), "%s/.journal", path);
	assert_int_equal(mknod(inside, S_IFREG | 0600, 0), 0);
	snprintf(inside, sizeof(inside), "%s/link", path);
	assert_int_equal(symlink(other, inside), 0);
	folder_remove(path);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(rmdir(other), 0);
	folder_remove(path); /* nothing is there: no harm */
	assert_int_equal(rmdir(own), 0);
}

static char top[] = "/tmp/test_folder.XXXXXX";

static int make_top(void **state)
{
	(void)state;
	return mkdtemp(top) && !chdir(top) ? 0 : -1;
}

static int remove_top(void **state)
{
	(void)state;
	folder_remove(top);
	return chdir("/");
}

static void test_links_are_no_directories(void **state)
{
	struct folder outer, inner;
	struct err e = {""};

	(void)state;
	assert_int_equal(mkdir("elsewhere", 0700), 0);
	assert_int_equal(symlink("elsewhere", "link"), 0);
	assert_int_equal(folder_open(top, &outer, &e), 0);
	assert_int_equal(folder_make(&outer, "link", &inner, &e), -ELOOP);
	assert_non_null(strstr(e.text, "/link is a symbolic link, and is not followed"));
	assert_int_equal(folder_make(NULL, "link", &inner, &e), -ELOOP);
	assert_int_equal(folder_open("link", &inner, &e), 0); /* as somebody named it */
	folder_close(&inner, false);
	assert_int_equal(symlink("nowhere", "broken"), 0);
	assert_int_equal(folder_make(&outer, "broken", &inner, &e), -ELOOP);
	folder_close(&outer, false);
}

static void test_what_was_made_in_vain_goes(void **state)
{
	struct folder folder;
	struct err e = {""};

	(void)state;
	assert_int_equal(folder_make(NULL, "new", &folder, &e), 0);
	assert_true(folder.made);
	folder_close(&folder, true);
	assert_int_not_equal(access("new", F_OK), 0);
	assert_int_equal(folder_make(NULL, "new", &folder, &e), 0);
	folder_close(&folder, false);
	assert_int_equal(folder_make(NULL, "new", &folder, &e), 0);
	assert_false(folder.made);
	folder_close(&folder, true);
	assert_int_equal(access("new", F_OK), 0);
	assert_int_equal(folder_make(NULL, "/nonexistent/plots", &folder, &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nonexistent/plots"));
}

static void test_what_is_another_users_is_not_written(void **state)
{
	struct folder folder;
	struct err e = {""};

	(void)state;
	if (geteuid())
		skip_because("only root can give a directory away");
	assert_int_equal(mkdir("given", 0777), 0);
	assert_int_equal(chown("given", 12345, 12345), 0);
	assert_int_equal(folder_open("given", &folder, &e), -EPERM);
	assert_non_null(strstr(e.text, "given is user 12345's"));
	assert_non_null(strstr(e.text, "--out"));
	assert_int_equal(folder_make(NULL, "given", &folder, &e), -EPERM);
}

static void test_only_files_are_opened(void **state)
{
	struct folder folder;
	struct err e = {""};
	int fd;

	(void)state;
	assert_int_equal(folder_open(top, &folder, &e), 0);
	assert_int_equal(folder_file(&folder, "none", O_RDONLY, &e), -ENOENT);
	fd = folder_file(&folder, "file", O_WRONLY | O_CREAT | O_EXCL, &e);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(symlink("file", "to-file"), 0);
	assert_int_equal(folder_file(&folder, "to-file", O_RDONLY, &e), -ELOOP);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_int_equal(folder_file(&folder, "pipe", O_RDONLY, &e), -EINVAL);
	assert_int_equal(folder_file(&folder, "pipe", O_RDWR, &e), -EINVAL);
	assert_int_equal(link("file", "again"), 0);
	assert_int_equal(folder_file(&folder, "file", O_RDWR, &e), -EMLINK);
	assert_non_null(strstr(e.text, "file has another name elsewhere"));
	fd = folder_file(&folder, "file", O_RDONLY, &e);
	assert_true(fd >= 0);
	close(fd);
	folder_close(&folder, false);
}

static void test_a_run_is_gone_on_with_by_its_owner(void **state)
{
	struct err e = {""};

	(void)state;
	assert_int_equal(mkdir("mine", 0755), 0);
	assert_int_equal(folder_check_own("mine", &e), 0);
	assert_int_equal(symlink("mine", "to-mine"), 0);
	assert_int_equal(folder_check_own("to-mine", &e), -EPERM);
	assert_int_equal(chmod("mine", 0775), 0);
	assert_int_equal(folder_check_own("mine", &e), -EPERM);
	assert_non_null(strstr(e.text, "chmod go-w"));
	assert_int_equal(chmod("mine", 0755), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown("mine", 65534, 65534), 0);
		assert_int_equal(folder_check_own("mine", &e), -EPERM);
		assert_non_null(strstr(e.text, "another user (65534)"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_all_of_it_goes_and_nothing_else),
	        cmocka_unit_test(test_links_are_no_directories),
	        cmocka_unit_test(test_what_was_made_in_vain_goes),
	        cmocka_unit_test(test_what_is_another_users_is_not_written),
	        cmocka_unit_test(test_only_files_are_opened),
	        cmocka_unit_test(test_a_run_is_gone_on_with_by_its_owner),
	};

	return cmocka_run_group_tests(tests, make_top, remove_top);
}
